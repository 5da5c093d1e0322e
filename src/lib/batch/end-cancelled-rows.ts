import type { BatchRef } from '../core/batch/batch.ts';
import { cancellationOf } from '../core/row/cancellation.ts';
import { composeOutcome } from '../core/row/compose-outcome.ts';
import { withLostCall } from '../core/row/row-progress.ts';
import type { BatchStore } from '../store/batch-store.ts';

/**
 * Ends the rows of a cancelled batch that were called before: their outcomes say how often they were called and which
 * sessions may exist. A call under way ends its row by itself. If this is interrupted, the workers finish it when
 * they find such rows in their queues.
 */
export async function endCancelledRows(
  store: BatchStore,
  batch: BatchRef,
  nowMs: number,
): Promise<void> {
  for await (const underWay of store.listUnderWay(batch.id)) {
    await Promise.all([...underWay.keys()].map((row) => endRow(store, batch, row, nowMs)));
  }
}

async function endRow(
  store: BatchStore,
  batch: BatchRef,
  row: number,
  nowMs: number,
): Promise<void> {
  const view = await store.readRow(batch, row);
  if (view === null || view.progress === null) return;
  const { progress, version } = view;
  if (progress.isCalling && progress.state !== 'waiting') return;
  const outcome = composeOutcome(cancellationOf(progress), withLostCall(progress), nowMs);
  await store.recordOutcome(batch, row, version, outcome, null);
}
