import type { Redis } from 'ioredis';
import type { ErrorCount } from '../../batch-store.ts';
import type { Keys } from '../../keys.ts';

const COUNT = /^\d{1,15}$/;

/** Most frequent first. The store keeps at most some dozens of codes per batch, so the whole hash is small. */
export async function readErrors(
  redis: Redis,
  keys: Keys,
  batchId: string,
  limit: number,
): Promise<ErrorCount[]> {
  const hash = await redis.hgetall(keys.errors(batchId));
  return Object.entries(hash)
    .filter(([field, count]) => field.startsWith('n:') && COUNT.test(count))
    .map(([field, count]) => ({ code: field.slice('n:'.length), count: Number(count) }))
    .map((error) => ({ ...error, sample: hash[`message:${error.code}`] ?? '' }))
    .sort((a, b) => b.count - a.count)
    .slice(0, limit);
}
