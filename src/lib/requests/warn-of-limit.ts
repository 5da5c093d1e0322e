import type { Batch } from '../core/batch/batch.ts';
import { explainShort } from '../core/budget/batch-budget.ts';
import type { BatchStore } from '../store/batch-store.ts';

/** Rows that are called again need sessions of the batch's budget: what waits, and what to do. '' if none does. */
export async function warnOfLimit(
  { store }: { store: Pick<BatchStore, 'readBatch'> },
  verb: string,
  { id }: Batch,
): Promise<string> {
  const batch = verb === 'retry' || verb === 'refresh' ? await store.readBatch(id) : null;
  const short = batch && explainShort(batch);
  return short === null ? '' : ` ${short}`;
}
