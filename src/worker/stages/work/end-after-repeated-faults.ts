import { redactUrls } from '../../../lib/core/redact-url.ts';
import type { Ending } from '../../../lib/core/row/compose-outcome.ts';
import { withLostCall } from '../../../lib/core/row/row-progress.ts';
import type { RowJob } from '../../../lib/queue/jobs.ts';
import type { JobResult } from '../../../lib/queue/queue-worker.ts';
import { isRedisTrouble } from '../../../lib/redis/trouble.ts';
import type { WorkerContext } from '../../worker-context.ts';
import { takeWork } from './take-work.ts';

const MAX_FAULTS = 3;
const AFTER_FAULT_MS = 5_000;

/**
 * Bugs of this program must neither lose a row nor keep it for ever. A row whose stage throws is tried again and ends
 * as `failed` at the third error. Trouble with Redis is not the row's fault and is left to the queue.
 */
export function endAfterRepeatedFaults(
  context: WorkerContext,
  stage: (context: WorkerContext, job: RowJob) => Promise<JobResult>,
): (job: RowJob) => Promise<JobResult> {
  return async (job) => {
    try {
      return await stage(context, job);
    } catch (error) {
      if (isRedisTrouble(error)) throw error;
      context.log.error({ err: error, batch: job.batchId, row: job.row }, 'stage threw');
      return await afterFault(context, job, error);
    }
  };
}

async function afterFault(context: WorkerContext, job: RowJob, error: unknown): Promise<JobResult> {
  const taken = await takeWork(context, job);
  if (taken.kind === 'not_now') return taken.result;
  const faults = taken.work.progress.faults + 1;
  if (faults < MAX_FAULTS) {
    await taken.work.advance({ faults });
    return { kind: 'later', delayMs: AFTER_FAULT_MS };
  }
  const known = withLostCall(taken.work.progress);
  const ending: Ending = {
    kind: 'no_session',
    status: known.lostCalls > 0 ? 'unconfirmed' : 'failed',
    code: 'internal_error',
    message: `kling-sessions failed on this row: ${redactUrls(error instanceof Error ? error.message : String(error))}`,
  };
  await taken.work.end(ending, known);
  return { kind: 'done' };
}
