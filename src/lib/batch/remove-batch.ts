import type { Batch } from '../core/batch/batch.ts';
import type { Queues } from '../queue/queues.ts';
import type { BatchSteering } from '../store/batch-steering.ts';

export interface RemovalContext {
  steering: Pick<BatchSteering, 'remove'>;
  queues: Pick<Queues, 'removeJobs'>;
  now: () => number;
}

/**
 * Deletes a batch that has ended: its jobs, its ledger entries, its rows and results. If interrupted, it can be
 * repeated. Several processes may do it at once.
 */
export async function removeBatch(
  { steering, queues, now }: RemovalContext,
  batch: Batch,
): Promise<void> {
  await queues.removeJobs(batch);
  await steering.remove(batch, now());
}
