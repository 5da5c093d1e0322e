import { judgeVideo } from '../core/video/judge-video.ts';
import type { Remark, VideoFacts } from '../core/video/video.ts';
import type { ProbeResult } from './prober.ts';

/** The result of a probe in the form for people. */
export interface ProbeFinding {
  /** `failed`: it could not be read, so nothing is certain. */
  verdict: 'accepted' | 'rejected' | 'failed';
  /** Every reason; empty when it is accepted. */
  remarks: Remark[];
  warnings: Remark[];
  /** Null when the file has no readable video. */
  facts: VideoFacts | null;
}

/** The input of a verdict: what a probe found, without its cost. */
export type Probed = WithoutCost<ProbeResult>;
type WithoutCost<One> = One extends ProbeResult ? Omit<One, 'cost'> : never;

/** The verdict on a probed video. */
export function judgeProbe(result: Probed, options: { strictFps: boolean }): ProbeFinding {
  const nothing = { warnings: [], facts: null };
  switch (result.kind) {
    case 'video': {
      const { isAccepted, violations, warnings } = judgeVideo(result.facts, options);
      const verdict = isAccepted ? 'accepted' : 'rejected';
      return { verdict, remarks: violations, warnings, facts: result.facts };
    }
    case 'other_container': {
      const message = `the file is ${result.container}; the API takes MP4 and MOV only`;
      return { ...nothing, verdict: 'rejected', remarks: [{ code: 'container', message }] };
    }
    case 'no_video_track': {
      const remark = { code: 'no_video_track', message: 'the file has no video track' };
      return { ...nothing, verdict: 'rejected', remarks: [remark] };
    }
    case 'unreadable': {
      const { code, message } = result.failure;
      return { ...nothing, verdict: 'failed', remarks: [{ code, message }] };
    }
  }
}
