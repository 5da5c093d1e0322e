import { Redis } from 'ioredis';
import { expect } from 'vitest';
import { readBatchStatus } from '../../../../src/lib/batch/batch-status.ts';
import { RedisGateStore } from '../../../../src/lib/gate/redis-gate-store.ts';
import { testRedisUrl } from '../../../setup/redis/redis.ts';
import { type Producer, test } from '../../producer/producer-test.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const limits = { concurrency: 5, ratePerSecond: 0, sessionsPerDay: 0 };
const worker = { id: 'w', host: 'here', pid: 1, startedAtMs: 0, limits };

/** With a worker that runs, and a gate that is open. */
async function readNotRenewed(producer: Producer, batchId: string): Promise<string | null> {
  const subscriber = new Redis(testRedisUrl());
  try {
    const gateStore = await RedisGateStore.open(producer.redis, subscriber, producer.keys);
    const listWorkers = async () => [worker];
    const sources = { ...producer, gateStore, listWorkers, ownLimits: limits };
    return (await readBatchStatus(sources, batchId)).notRenewed;
  } finally {
    subscriber.disconnect();
  }
}

async function importKept(producer: Producer, minutes: number[], keptForMs: number) {
  const lines = minutes.map((_, at) => `https://a.example/${at}.mp4`);
  const keepAlive = { untilMs: Date.now() + keptForMs, zone: 'UTC' };
  const id = await producer.importNew(['video_url', ...lines].join('\n'), { keepAlive });
  for (const [at, left] of minutes.entries()) {
    const session = { id: `s${at}`, expiresAtMs: Date.now() + left * MINUTE_MS };
    await producer.end(id, at + 1, { session }, lines[at]);
  }
  return id;
}

test('a status says that sessions to be kept alive were not renewed in time, although nothing is in the way', async ({
  producer,
}) => {
  const id = await importKept(producer, [2, 3, 60], DAY_MS);
  expect(await readNotRenewed(producer, id)).toBe(
    '2 sessions to be kept alive expire within ten minutes. Calls failed, or could not begin in time; the rows say why.',
  );
});

test.for([
  { why: 'are not due', minutes: [30, 60], keptForMs: DAY_MS },
  { why: 'need to live no longer than they do', minutes: [2, 3], keptForMs: 4 * MINUTE_MS },
])('a status says nothing of sessions that $why', async ({ minutes, keptForMs }, { producer }) => {
  const id = await importKept(producer, minutes, keptForMs);
  expect(await readNotRenewed(producer, id)).toBeNull();
});
