import { judgeVideo } from '../../src/lib/core/video/judge-video.ts';
import type { ProbeResult } from '../../src/lib/video/prober.ts';

/** One line: the verdict with its codes as in `+ (anamorphic)`, or the kind of result and its code. */
export function summarize(result: ProbeResult): string {
  switch (result.kind) {
    case 'video': {
      const { isAccepted, violations, warnings } = judgeVideo(result.facts, { strictFps: false });
      const codes = [...violations.map((v) => v.code), ...warnings.map((w) => `(${w.code})`)];
      return [isAccepted ? '+' : '-', ...codes].join(' ');
    }
    case 'other_container':
      return `other_container ${result.container}`;
    case 'no_video_track':
      return 'no_video_track';
    case 'unreadable':
      return `unreadable ${result.failure.code}`;
  }
}
