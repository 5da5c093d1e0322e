import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { openQueue } from '../../../src/lib/queue/open-queue.ts';
import { startQueueWorker } from '../../../src/lib/queue/queue-worker.ts';
import { GatheringRedis } from '../../../src/lib/redis/gathering-redis.ts';
import { createKeys } from '../../../src/lib/store/keys.ts';
import { startPrivateRedis } from '../../setup/redis/private-redis.ts';
import { prefixForTest, testRedisUrl } from '../../setup/redis/redis.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

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
  /** Until when the job was delayed first, by the event of BullMQ; undefined before. */
  const readDelayedUntil = async (): Promise<number | undefined> => {
    const events = await redis.xrange(queue.toKey('events'), '-', '+');
    const fields = events.map(([, values]) => values).find((values) => values.includes('delayed'));
    return fields && Number(fields[fields.indexOf('delay') + 1]);
  };
  return { attempts, readDelayedUntil };
}

test('a machine whose clock is behind delays a job by its own clock, not by another day', async () => {
  const { readDelayedUntil } = await putOffForAnHour(() => Date.now() + DAY_MS);
  await expect.poll(readDelayedUntil, { timeout: 20_000 }).toBeDefined();
  expect(await readDelayedUntil()).toBeLessThanOrEqual(Date.now() + HOUR_MS);
});

test('a machine whose clock is ahead delays a job by the clock of Redis, so that no machine takes it a day late', async () => {
  const { attempts, readDelayedUntil } = await putOffForAnHour(() => Date.now() - DAY_MS);
  await expect.poll(() => attempts, { timeout: 20_000 }).toEqual([1, 2]);
  expect(await readDelayedUntil()).toBeLessThanOrEqual(Date.now() - DAY_MS + HOUR_MS);
});

test('a worker that is told to stop while Redis is away has stopped once Redis is back', async () => {
  await using server = await startPrivateRedis();
  const redis = new GatheringRedis(server.url, {
    maxRetriesPerRequest: null,
    retryStrategy: () => 50,
  });
  redis.on('error', () => undefined);
  const worker = startQueueWorker({
    queue: 'dispatch',
    connection: redis,
    keys: createKeys(prefixForTest()),
    concurrency: 1,
    onError: () => undefined,
    handle: async () => ({ kind: 'done' }),
  });
  await expect.poll(() => redis.client('LIST'), { timeout: 20_000 }).toContain('cmd=bzpopmin');
  await server.kill();
  // `once` of Node would take the error of a failed attempt.
  await new Promise((resolve) => redis.once('reconnecting', resolve));
  const stopped = worker.stop();
  await server.restart();
  await stopped;
  redis.disconnect();
});
