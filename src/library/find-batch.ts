import type { Batch } from '../lib/core/batch/batch.ts';
import type { BatchStore } from '../lib/store/batch-store.ts';
import { BatchError } from './errors/batch-error.ts';

/** @throws BatchError `batch_not_found` when there is no such batch. */
export async function findBatch(store: BatchStore, batchId: string): Promise<Batch> {
  const batch = await store.readBatch(batchId);
  if (batch !== null) return batch;
  throw new BatchError(
    'batch_not_found',
    batchId,
    `There is no batch ${batchId}; \`kling-sessions batches\` lists them.`,
  );
}
