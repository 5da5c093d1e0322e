import type { Redis } from 'ioredis';
import type { Outcome } from '../../../core/row/outcome.ts';
import type { Keys } from '../../keys.ts';
import { unpackEarlier } from '../packing/pack-outcome.ts';

/** The earlier outcomes of one chunk's rows, those of each row oldest first. A chunk holds at most 500 rows. */
export async function readAllEarlier(
  redis: Redis,
  keys: Keys,
  batchId: string,
  chunk: number,
): Promise<Map<number, Outcome[]>> {
  const hash = await redis.hgetall(keys.earlier(batchId, chunk));
  return new Map(Object.entries(hash).map(([row, lines]) => [Number(row), unpackEarlier(lines)]));
}
