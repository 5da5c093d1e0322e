import { type Ending, rejection } from '../../lib/core/row/compose-outcome.ts';
import type { RowProgress } from '../../lib/core/row/row-progress.ts';
import type { VideoFacts } from '../../lib/core/video/video.ts';
import type { RowJob } from '../../lib/queue/jobs.ts';
import type { JobResult } from '../../lib/queue/queue-worker.ts';
import { judgeProbe } from '../../lib/video/judge-probe.ts';
import type { ProbeResult, ReadFailure } from '../../lib/video/prober.ts';
import type { WorkerContext } from '../worker-context.ts';
import { readVideo } from './probing/read-video.ts';
import type { SuspectLane } from './probing/suspect-lane.ts';
import { reuseSession } from './work/reuse-session.ts';
import { type RowWork, takeRow } from './work/row-work.ts';

/** After this many worker deaths while probing a row, blame the row. */
const MAX_PROBE_STARTS = 3;
/** Delays before a video is read again after a temporary failure; there are as many retries as entries. */
const READ_AGAIN_MS = [1_000, 5_000, 20_000];

/** How long a row waits for another row's reading of the same video before it asks again. */
const BEING_READ_MS = 300;
/** How long a row that may have killed a worker waits while another such row is tried. */
const SUSPECT_MS = 300;

/**
 * The row has changed since it was taken. If it was cancelled and retried meanwhile, this job is its only one,
 * because dispatch cannot queue it twice.
 */
const LOOK_AGAIN: JobResult = { kind: 'back' };

const POISON: Ending = {
  kind: 'no_session',
  status: 'failed',
  code: 'worker_died',
  message: `The worker died ${MAX_PROBE_STARTS} times while probing this video; it was not tried again.`,
};

/** Stage `probe`: reads the video's header and judges it. An accepted video goes to the next stage. */
export async function probeRow(
  context: WorkerContext,
  job: RowJob,
  suspects: SuspectLane,
): Promise<JobResult> {
  const taken = await takeRow(context, job);
  if (taken.kind === 'not_now') return taken.result;
  const { work } = taken;
  if (await reuseSession(context, job, work)) return { kind: 'done' };
  // Judged earlier by a worker that died after it stored the verdict and before it queued the row.
  if (work.progress.state === 'ready' || work.progress.state === 'opening') {
    return await passToOpen(context, job);
  }
  const { probeStarts } = work.progress;
  if (probeStarts >= MAX_PROBE_STARTS) return await ended(work, POISON);
  if (probeStarts === 0) return await readAndJudge(context, job, work);
  const tried = await suspects.run(() => readAndJudge(context, job, work));
  return tried ?? { kind: 'later', delayMs: SUSPECT_MS };
}

async function readAndJudge(
  context: WorkerContext,
  job: RowJob,
  work: RowWork,
): Promise<JobResult> {
  const probeStarts = work.progress.probeStarts + 1;
  if (!(await work.advance({ state: 'probing', probeStarts }))) return LOOK_AGAIN;
  const reading = await readVideo(context, job);
  switch (reading.kind) {
    case 'read':
      return await judge(context, job, work, reading.result);
    case 'being_read':
      await work.advance({ probeStarts: probeStarts - 1 });
      return { kind: 'later', delayMs: BEING_READ_MS };
    case 'halted':
      await work.advance({ probeStarts: probeStarts - 1 });
      return { kind: 'back' };
  }
}

async function judge(
  context: WorkerContext,
  job: RowJob,
  work: RowWork,
  result: ProbeResult,
): Promise<JobResult> {
  if (result.kind === 'unreadable') return await readAgainOrFail(work, result.failure);
  const { verdict, remarks, warnings, facts } = judgeProbe(result, work.options);
  const found = facts && {
    video: reportable(facts),
    warnings: warnings.map(({ message }) => message),
  };
  if (verdict !== 'accepted') return await ended(work, rejection(remarks), found ?? {});
  const isMine = await work.advance({ ...found, state: 'ready', probeStarts: 0 });
  return isMine ? await passToOpen(context, job) : LOOK_AGAIN;
}

async function readAgainOrFail(work: RowWork, failure: ReadFailure): Promise<JobResult> {
  const { readFailures } = work.progress;
  const delayMs = failure.isRetryable ? READ_AGAIN_MS[readFailures] : undefined;
  if (delayMs === undefined) {
    const { code, message } = failure;
    return await ended(work, { kind: 'no_session', status: 'failed', code, message });
  }
  await work.advance({ readFailures: readFailures + 1, probeStarts: 0 });
  return { kind: 'later', delayMs };
}

async function ended(
  work: RowWork,
  ending: Ending,
  patch: Partial<RowProgress> = {},
): Promise<JobResult> {
  await work.end(ending, patch);
  return { kind: 'done' };
}

async function passToOpen(context: WorkerContext, job: RowJob): Promise<JobResult> {
  await context.queues.addRows('init-selection', [job]);
  return { kind: 'done' };
}

const reportable = (facts: VideoFacts): NonNullable<RowProgress['video']> => ({
  width: facts.width,
  height: facts.height,
  ...(facts.fps > 0 && { fps: inThousandths(facts.fps) }),
  ...(facts.durationS !== null && { durationS: inThousandths(facts.durationS) }),
});

const inThousandths = (value: number): number => Math.round(value * 1_000) / 1_000;
