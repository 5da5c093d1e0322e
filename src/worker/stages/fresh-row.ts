import { newRowProgress } from '../../lib/core/row/row-progress.ts';
import { batchOf, type RowJob } from '../../lib/queue/jobs.ts';
import type { WorkerContext } from '../worker-context.ts';
import { RowWork } from './work/row-work.ts';

/** What dispatch records about a row that it hands to `init-selection` without a probe. */
const FRESH = newRowProgress('ready');

/**
 * A row as most are when their turn comes: handed over by dispatch, and nothing has happened to it since. The write
 * that begins its call finds out whether that is so, which saves reading the row first.
 *
 * Null if the row has to be read first: a row that was probed or has a session to renew, a batch that this process does
 * not know yet or that reuses sessions, and whenever the row may have to wait long at the gate, as a cancelled row
 * should not.
 */
export function assumeFresh(context: WorkerContext, job: RowJob): RowWork | null {
  const options = context.batchOptions.find(batchOf(job));
  const isReadFirst = job.renews || job.source.kind === 'url';
  if (isReadFirst || options === null || options.reuse || !context.gate.isWide) return null;
  return new RowWork(context, job, {
    batchState: 'running',
    options,
    progress: FRESH,
    version: context.store.versionOfNew(FRESH.state),
    isDamaged: false,
    hasOutcome: false,
  });
}
