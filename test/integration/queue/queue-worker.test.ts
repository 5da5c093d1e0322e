import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { openQueue } from '../../../src/lib/queue/open-queue.ts';
import { startQueueWorker } from '../../../src/lib/queue/queue-worker.ts';
import { createKeys } from '../../../src/lib/store/keys.ts';
import { prefixForTest, testRedisUrl } from '../../setup/redis/redis.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** BullMQ scores a delayed job by its time times this, so that jobs of one millisecond keep their order. */
const SCORES_PER_MS = 0x1000;

/** A worker that delays a job for an hour when it first sees it. */
async function putOffForAnHour(now: () => number) {
  const redis = new Redis(testRedisUrl(), { maxRetriesPerRequest: null });
  const keys = createKeys(prefixForTest());
  const queue = openQueue('dispatch', redis, keys);
  const attempts: number[] = [];
  const worker = startQueueWorker({
    queue: 'dispatch',
    connection: redis,
    keys,
    concurrency: 1,
    now,
    onError: () => undefined,
    handle: async (_job, attempt) => {
      attempts.push(attempt);
      return attempt === 1 ? { kind: 'later', delayMs: HOUR_MS } : { kind: 'done' };
    },
  });
  onTestFinished(async () => {
    await worker.stop();
    await queue.close();
    redis.disconnect();
  });
  await queue.add('dispatch', { batchId: 'b', incarnation: 'i', epoch: 0 });
  const readDelayedUntil = async (): Promise<number | null> => {
    const [, score] = await redis.zrange(queue.toKey('delayed'), '0', '-1', 'WITHSCORES');
    return score === undefined ? null : Math.floor(Number(score) / SCORES_PER_MS);
  };
  return { attempts, readDelayedUntil };
}

test('a machine whose clock is behind delays a job by its own clock, not by another day', async () => {
  const { readDelayedUntil } = await putOffForAnHour(() => Date.now() + DAY_MS);
  await expect.poll(readDelayedUntil, { timeout: 20_000 }).not.toBeNull();
  expect(await readDelayedUntil()).toBeLessThanOrEqual(Date.now() + HOUR_MS);
});

test('a machine whose clock is ahead delays a job by the clock of Redis, so that no job waits a day', async () => {
  const { attempts } = await putOffForAnHour(() => Date.now() - DAY_MS);
  await expect.poll(() => attempts, { timeout: 20_000 }).toEqual([1, 2]);
});
