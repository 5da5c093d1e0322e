import type { Redis } from 'ioredis';
import type { Batch } from '../../../core/batch/batch.ts';
import type { Keys } from '../../keys.ts';
import { parseBatchHash, unreadableBatch } from '../packing/batch-hash.ts';
import { ignoreType } from './ignore-type.ts';

/** Null when there is no such batch. @throws UnreadableRecord when there is one, and its record is damaged or gone. */
export async function readBatchRecord(
  redis: Redis,
  keys: Keys,
  batchId: string,
): Promise<Batch | null> {
  const hash = await redis.hgetall(keys.batch(batchId)).catch((error: Error) => {
    ignoreType(error);
    throw unreadableBatch(batchId, 'its key holds something else');
  });
  if (hash.id !== undefined) return parseBatchHash(batchId, hash);
  const isListed = (await redis.zscore(keys.batches, batchId)) !== null;
  if (isListed) throw unreadableBatch(batchId, 'its record is missing');
  return null;
}
