import type { Redis } from 'ioredis';
import type { Keys } from '../../keys.ts';
import { ignoreType } from '../reading/ignore-type.ts';

/** Chunks whose keys go in one step: some hundred keys, unlinked in the background of Redis. */
const REMOVED_CHUNKS = 100;

/**
 * Deletes what lies under the id of a batch whose record cannot be read: how many rows it had and which incarnation it was is
 * not known. Workers let go of its jobs when they take them. The batch itself goes last, so that a removal that was interrupted
 * can be repeated.
 */
export async function removeDamaged(
  { redis, keys }: { redis: Redis; keys: Keys },
  id: string,
): Promise<void> {
  let isMore = true;
  for (let chunk = 0; isMore; chunk += REMOVED_CHUNKS) {
    const chunks = Array.from({ length: REMOVED_CHUNKS }, (_, offset) => chunk + offset);
    const removed = await redis.unlink(
      ...chunks.flatMap((index) => [
        keys.chunk(id, index),
        keys.outcomes(id, index),
        keys.earlier(id, index),
      ]),
    );
    isMore = removed > 0;
  }
  await redis.unlink(
    keys.marks(id),
    keys.underWay(id),
    keys.again(id),
    keys.errors(id),
    keys.pace(id),
    keys.sessions(id),
    keys.latestSessions(id),
    keys.history(id),
    keys.probeMemory(id),
    keys.mending(id),
  );
  const [identity, mends] = await redis
    .hmget(keys.batch(id), 'identity', 'mends')
    .catch(ignoreType);
  await redis
    .multi()
    .hdel(keys.identities, identity ?? '')
    .hdel(keys.shares, id)
    .zrem(keys.batches, id)
    .srem(keys.arranged, id)
    .zrem(keys.mending(mends ?? ''), id)
    .unlink(keys.batch(id))
    .exec();
}
