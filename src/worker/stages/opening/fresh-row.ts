import { newRowProgress } from '../../../lib/core/row/row-progress.ts';
import { batchOf, type RowJob } from '../../../lib/queue/jobs.ts';
import type { WorkerContext } from '../../worker-context.ts';
import { RowWork } from '../work/row-work.ts';

/** What dispatch records about a row that it hands to `init-selection` without a probe. */
const FRESH = newRowProgress('ready');

/**
 * The usual row: dispatch has handed it over, and nothing has happened to it since. The write that begins its call
 * checks this, which saves reading the row first.
 *
 * Null if the row has to be read first: a row that was probed or has a session to renew, a batch that this process
 * does not know yet or that reuses sessions, and whenever the row may have to wait long at the gate, because a
 * cancelled row should not wait there.
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
