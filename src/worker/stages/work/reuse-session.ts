import type { RowJob } from '../../../lib/queue/jobs.ts';
import type { WorkerContext } from '../../worker-context.ts';
import type { SessionWork } from './session-work.ts';

/**
 * Ends the row with a live session of its video if its batch reuses sessions and there is one. Returns whether it did.
 */
export async function reuseSession(
  context: WorkerContext,
  job: RowJob,
  work: SessionWork,
): Promise<boolean> {
  // A lost call is settled first, because it counts.
  if (!work.options.reuse || work.progress.isCalling) return false;
  const { presentUntilMs } = work;
  // A row that had a session before asks for a new one, unless this is about that session's renewal.
  const forRow = presentUntilMs === null ? job : null;
  const live = await context.ledger.findLiveSession(job.source, forRow, context.now());
  if (live === null || live.session.expiresAtMs <= (presentUntilMs ?? 0)) return false;
  await work.end({ kind: 'reused', live });
  return true;
}
