import { formatRef } from '../../../core/batch/batch.ts';
import { ignoreType } from '../reading/ignore-type.ts';
import type { Place } from '../redis-part.ts';
import { keysBeside, keysOfChunks, REMOVED_CHUNKS } from './keys-of-batch.ts';

/**
 * Deletes what lies under the id of a batch whose record cannot be read: how many rows it had and which incarnation it was is
 * not known. Workers let go of its jobs when they take them. The batch itself goes last, so that a removal that was interrupted
 * can be repeated.
 */
export async function removeDamaged({ redis, keys }: Place, id: string): Promise<void> {
  let isMore = true;
  for (let chunk = 0; isMore; chunk += REMOVED_CHUNKS) {
    const removed = await redis.unlink(...keysOfChunks(keys, id, chunk));
    isMore = removed > 0;
  }
  await redis.unlink(...keysBeside(keys, id));
  const [identity, mends, incarnation] = await redis
    .hmget(keys.batch(id), 'identity', 'mends', 'incarnation')
    .catch(ignoreType);
  await redis
    .multi()
    .hdel(keys.identities, identity ?? '')
    .hdel(keys.shares, id)
    .zrem(keys.batches, id)
    .srem(keys.arranged, id)
    .zrem(keys.mending(mends ?? ''), id)
    .zrem(keys.feedBatches, formatRef({ id, incarnation: incarnation ?? '' }))
    .unlink(keys.batch(id))
    .exec();
}
