import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { QueuedNotices } from '../../../src/lib/notice/queued-notices.ts';
import { NoticeQueue } from '../../../src/lib/queue/notice-queue.ts';
import { createKeys } from '../../../src/lib/store/keys.ts';
import { prefixForTest, testRedisUrl } from '../../setup/redis/redis.ts';
import { batchNews } from '../../unit/lib/notice/examples.ts';

const everyones = { url: 'https://hooks.example/all', format: 'standard' } as const;
const own = { url: 'https://hooks.example/nightly', format: 'slack' } as const;
const blocked = { kind: 'gate_blocked', sinceMs: 5, code: '1102', sentence: 'Blocked.' } as const;

/** Puts notices into a separate queue without a worker. */
function openNotices(patch: Partial<ConstructorParameters<typeof QueuedNotices>[0]> = {}) {
  const redis = new Redis(testRedisUrl(), { maxRetriesPerRequest: null });
  const queue = new NoticeQueue(redis, createKeys(prefixForTest()));
  onTestFinished(async () => {
    await queue[Symbol.asyncDispose]();
    redis.disconnect();
  });
  const notices = new QueuedNotices({
    queue,
    everyones,
    listOwn: async () => [],
    dashboardUrl: null,
    now: () => 0,
    ...patch,
  });
  return { queue, notices };
}

test('an event is queued once, whichever worker notices it', async () => {
  const { queue, notices } = openNotices();
  await Promise.all([1, 2, 3].map(() => notices.send({ kind: 'finished', ...batchNews() })));
  expect(await queue.countDue()).toBe(1);
  await notices.send({ kind: 'finished', ...batchNews({ id: 'other' }) });
  expect(await queue.countDue()).toBe(2);
});

test('the worker drops everything if no webhook is set', async () => {
  const { queue, notices } = openNotices({ everyones: null });
  await notices.send({ kind: 'finished', ...batchNews() });
  expect(await queue.countDue()).toBe(0);
});

test("the worker sends to a batch's own webhook instead of the common one", async () => {
  const { queue, notices } = openNotices();
  await notices.send({ kind: 'finished', ...batchNews(), notify: own });
  expect(await queue.countDue()).toBe(1);
});

test('the worker tells the receivers of all waiting batches once that the gate is blocked', async () => {
  const { queue, notices } = openNotices({ listOwn: async () => [own, own, everyones] });
  await notices.send(blocked);
  expect(await queue.countDue()).toBe(2);
});
