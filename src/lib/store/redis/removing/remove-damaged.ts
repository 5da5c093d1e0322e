import { formatRef } from '../../../core/batch/batch.ts';
import { ignoreType } from '../reading/ignore-type.ts';
import type { Place } from '../redis-part.ts';
import { keysBeside, keysOfChunks, REMOVED_CHUNKS } from './keys-of-batch.ts';

/**
 * Deletes everything under the id of a batch whose record cannot be read. The number of its rows and its incarnation
 * are unknown. Workers drop its jobs when they take them. The batch itself goes last, so an interrupted removal can be
 * repeated.
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
  // No transaction: a full Redis refuses every command in one, deletions included.
  await Promise.all([
    redis.hdel(keys.identities, identity ?? ''),
    redis.hdel(keys.shares, id),
    redis.zrem(keys.batches, id),
    redis.srem(keys.arranged, id),
    redis.zrem(keys.keyed, id),
    redis.zrem(keys.mending(mends ?? ''), id),
    redis.zrem(keys.feedBatches, formatRef({ id, incarnation: incarnation ?? '' })),
  ]);
  await redis.unlink(keys.batch(id));
}
