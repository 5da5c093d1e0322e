import { type BatchStatus, readBatchStatus } from '../../lib/batch/batch-status.ts';
import { listWorkers } from '../../lib/store/redis/worker-registry.ts';
import { limitsOfWorkers } from './gate-policy.ts';
import type { Stores } from './stores.ts';

/** See `readBatchStatus`. */
export async function readStatusOf(stores: Stores, batchId: string): Promise<BatchStatus> {
  const { redis, keys } = stores;
  return await readBatchStatus(
    { ...stores, listWorkers: () => listWorkers(redis, keys), ownLimits: limitsOfWorkers([]) },
    batchId,
  );
}
