import type { Redis } from 'ioredis';
import type { Batch } from '../../../core/batch/batch.ts';
import type { Keys } from '../../keys.ts';
import { parseBatchHash, unreadableBatch } from '../packing/batch-hash.ts';
import { ignoreType } from './ignore-type.ts';

/**
 * Null if there is no such batch. @throws UnreadableRecord if the record of an existing batch is damaged or missing.
 */
export async function readBatchRecord(
  redis: Redis,
  keys: Keys,
  batchId: string,
): Promise<Batch | null> {
  const known = await readHash(redis, keys, batchId);
  if (known.id !== undefined) return parseBatchHash(batchId, known);
  const isListed = (await redis.zscore(keys.batches, batchId)) !== null;
  if (!isListed) return null;
  // The batch may have been made or removed between the two reads. Only a record that is still missing is lost.
  const later = await readHash(redis, keys, batchId);
  if (later.id !== undefined) return parseBatchHash(batchId, later);
  const isStillListed = (await redis.zscore(keys.batches, batchId)) !== null;
  if (isStillListed) throw unreadableBatch(batchId, 'its record is missing');
  return null;
}

const readHash = (redis: Redis, keys: Keys, batchId: string): Promise<Record<string, string>> =>
  redis.hgetall(keys.batch(batchId)).catch((error: Error) => {
    ignoreType(error);
    throw unreadableBatch(batchId, 'its key holds something else');
  });
