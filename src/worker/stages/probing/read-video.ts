import { isSigned } from '../../../lib/core/video/video-identity.ts';
import { batchOf, type RowJob } from '../../../lib/queue/jobs.ts';
import type { ProbeResult } from '../../../lib/video/prober.ts';
import type { WorkerContext } from '../../worker-context.ts';

export type VideoReading =
  | { kind: 'read'; result: ProbeResult }
  /** Another row with this video is reading it. */
  | { kind: 'being_read' }
  /** The process was halted in the middle. */
  | { kind: 'halted' };

/**
 * Reads the video of a row, once for all rows of the batch that name it. A failure to read one address says nothing
 * about the same video under another signature.
 */
export async function readVideo(context: WorkerContext, job: RowJob): Promise<VideoReading> {
  const { source } = job;
  const batch = batchOf(job);
  if (source.kind === 'kling') throw new TypeError('a Kling video has no file to probe');
  const { probeMemory } = context;
  const recalled = await probeMemory.recall(batch, source.videoUrl);
  switch (recalled.kind) {
    case 'known': {
      const { result } = recalled;
      const isOpen = result.kind === 'unreadable' && isSigned(source.videoUrl);
      return isOpen ? await probe(context, source.videoUrl) : { kind: 'read', result };
    }
    case 'being_read':
      return { kind: 'being_read' };
    case 'unshared':
      return await probe(context, source.videoUrl);
    case 'yours': {
      const reading = await probe(context, source.videoUrl);
      const { turn } = recalled;
      if (isLasting(reading, source.videoUrl)) {
        await probeMemory.remember(batch, source.videoUrl, turn, reading.result);
      } else await probeMemory.giveUp(batch, source.videoUrl, turn);
      return reading;
    }
  }
}

async function probe(context: WorkerContext, videoUrl: string): Promise<VideoReading> {
  try {
    const result = await context.prober.probe(videoUrl, { signal: context.halting });
    return { kind: 'read', result };
  } catch (error) {
    if (context.halting.aborted) return { kind: 'halted' };
    throw error;
  }
}

// A time-out says nothing about the next attempt.
const isLasting = (
  reading: VideoReading,
  videoUrl: string,
): reading is VideoReading & { kind: 'read' } =>
  reading.kind === 'read' &&
  !(
    reading.result.kind === 'unreadable' &&
    (reading.result.failure.isRetryable || isSigned(videoUrl))
  );
