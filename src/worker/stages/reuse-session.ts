import type { RowJob } from '../../lib/queue/jobs.ts';
import type { WorkerContext } from '../worker-context.ts';
import type { RowWork } from './row-work.ts';

/**
 * Ends the row with a live session of its video if its batch reuses sessions and there is one. Returns whether it did.
 */
export async function reuseSession(
  context: WorkerContext,
  job: RowJob,
  work: RowWork,
): Promise<boolean> {
  // A lost call is settled first, because it counts.
  if (!work.options.reuse || work.progress.isCalling) return false;
  const live = await context.ledger.findLiveSession(job.source, job, context.now());
  if (live === null) return false;
  await work.end({ kind: 'reused', live });
  return true;
}
