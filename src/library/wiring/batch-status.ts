import { type BatchStatus, readBatchStatus } from '../../lib/batch/batch-status.ts';
import { listWorkers } from '../../lib/store/redis/worker-registry.ts';
import { limitsOf } from './gate-policy.ts';
import type { Stores } from './stores.ts';

/** See `readBatchStatus`. */
export async function readStatusOf(
  stores: Stores,
  settings: Parameters<typeof limitsOf>[0],
  batchId: string,
): Promise<BatchStatus> {
  const { redis, keys } = stores;
  return await readBatchStatus(
    { ...stores, listWorkers: () => listWorkers(redis, keys), ownLimits: limitsOf(settings) },
    batchId,
  );
}
