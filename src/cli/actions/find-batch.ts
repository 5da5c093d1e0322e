import type { Batch } from '../../lib/core/batch/batch.ts';
import type { BatchStore } from '../../lib/store/batch-store.ts';
import { CliError, EXIT } from '../process/exit.ts';

/** @throws CliError (2) when there is no such batch. */
export async function findBatch(store: BatchStore, batchId: string): Promise<Batch> {
  const batch = await store.readBatch(batchId);
  if (batch !== null) return batch;
  throw new CliError(
    EXIT.usage,
    `There is no batch ${batchId}; \`kling-sessions batches\` lists them.`,
  );
}
