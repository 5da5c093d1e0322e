import { type BatchPicture, takePicture } from '../lib/batch-picture.ts';
import { listWorkers } from '../lib/worker-registry.ts';
import { limitsOfWorkers } from './gate-policy.ts';
import type { Stores } from './stores.ts';

/** See `takePicture`. */
export async function takePictureOf(stores: Stores, batchId: string): Promise<BatchPicture> {
  const { redis, keys } = stores;
  return await takePicture(
    { ...stores, listWorkers: () => listWorkers(redis, keys), ownLimits: limitsOfWorkers([]) },
    batchId,
  );
}
