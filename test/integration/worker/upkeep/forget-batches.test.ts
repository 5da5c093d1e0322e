import { Redis } from 'ioredis';
import pino from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { Queues } from '../../../../src/lib/queue/queues.ts';
import { createKeys } from '../../../../src/lib/store/keys.ts';
import { RedisBatchOverview } from '../../../../src/lib/store/redis/redis-batch-overview.ts';
import { RedisBatchSteering } from '../../../../src/lib/store/redis/redis-batch-steering.ts';
import { RedisBatchStore } from '../../../../src/lib/store/redis/redis-batch-store.ts';
import { type ForgetContext, forgetBatches } from '../../../../src/worker/upkeep/forget-batches.ts';
import {
  chunk,
  draft,
  outcome,
  ref,
  SHAPE,
  SOURCE,
} from '../../../contract/batch-store/examples.ts';
import { prefixForTest, testRedisUrl } from '../../../setup/redis/redis.ts';

const NOW_MS = 1_800_000_000_000;
const DAY_MS = 86_400_000;
const RETENTION_MS = 90 * DAY_MS;

function openStores() {
  const redis = new Redis(testRedisUrl());
  onTestFinished(() => redis.disconnect());
  const prefix = prefixForTest();
  const keys = createKeys(prefix);
  const store = new RedisBatchStore(redis, keys);
  const overview = new RedisBatchOverview(redis, keys, store);
  const steering = new RedisBatchSteering(redis, keys);
  const queues = new Queues(redis, keys);
  const clocks = { now: () => NOW_MS, redisNow: async () => NOW_MS };
  const log = pino({ level: 'silent' });
  const copiedUntilMs = async () => Number.POSITIVE_INFINITY;
  const kept = { retentionMs: RETENTION_MS, copiedUntilMs };
  const context = { overview, steering, queues, ...kept, ...clocks, log };
  return { redis, prefix, store, steering, context };
}

/** A batch of one row; ended at `endedAtMs`, or still waiting when that is null. */
async function makeBatch(store: RedisBatchStore, id: string, endedAtMs: number | null) {
  await store.openBatch(draft({ id, identity: id }), NOW_MS - 200 * DAY_MS);
  await store.appendChunk(ref(id), chunk(0, 1));
  await store.finishImport(ref(id), SHAPE, NOW_MS - 200 * DAY_MS);
  if (endedAtMs === null) return;
  await store.recordOutcome(ref(id), 1, '', outcome({ finishedAtMs: endedAtMs }), SOURCE);
}

it('only batches that ended longer ago than they are kept are deleted', async () => {
  const { store, context } = openStores();
  await makeBatch(store, 'old', NOW_MS - RETENTION_MS - DAY_MS);
  await makeBatch(store, 'young', NOW_MS - RETENTION_MS + DAY_MS);
  await makeBatch(store, 'never-ended', null);
  expect(await forgetBatches(context)).toEqual(['old']);
  expect(await store.readBatch('old')).toBeNull();
  expect((await store.readBatch('young'))?.state).toBe('completed');
  expect((await store.readBatch('never-ended'))?.state).toBe('running');
});

it('batches whose results are not in the results database yet are kept', async () => {
  const { store, context } = openStores();
  await makeBatch(store, 'old', NOW_MS - RETENTION_MS - DAY_MS);
  await makeBatch(store, 'older', NOW_MS - RETENTION_MS - 3 * DAY_MS);
  const copiedUntilMs = async () => NOW_MS - RETENTION_MS - 2 * DAY_MS;
  expect(await forgetBatches({ ...context, copiedUntilMs })).toEqual(['older']);
});

it('a deleted batch leaves no key behind, and the same manifest can be imported again', async () => {
  const { redis, prefix, store, context } = openStores();
  await makeBatch(store, 'old', NOW_MS - RETENTION_MS - DAY_MS);
  await forgetBatches(context);
  const left = await redis.keys(`${prefix}:batch*`);
  expect(left).toEqual([]);
  expect((await store.openBatch(draft({ id: 'old', identity: 'old' }), NOW_MS)).kind).toBe(
    'created',
  );
});

it.each([
  ['ahead', 100 * DAY_MS],
  ['behind', -100 * DAY_MS],
  ['61 s ahead', 61_000],
])('nothing is deleted if the machine’s clock is %s of that of Redis', async (_, differenceMs) => {
  const { store, context } = openStores();
  await makeBatch(store, 'old', NOW_MS - RETENTION_MS - DAY_MS);
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => lines.push(line) });
  const wrong = { ...context, now: () => NOW_MS + differenceMs, log };
  expect(await forgetBatches(wrong)).toEqual([]);
  expect(lines.join()).toContain('old batches kept, as the clocks differ');
  expect(await forgetBatches({ ...wrong, now: () => NOW_MS + 59_000 })).toEqual(['old']);
});

it('a batch is kept until its last session has expired by the clock of Redis, and readers had time to learn it', async () => {
  const { store, context } = openStores();
  await makeBatch(store, 'old', null);
  const session = { id: 's1', expiresAtMs: NOW_MS + DAY_MS };
  const finishedAtMs = NOW_MS - RETENTION_MS - DAY_MS;
  await store.recordOutcome(ref('old'), 1, '', outcome({ finishedAtMs, session }), SOURCE);
  expect(await forgetBatches(context)).toEqual([]);
  const expiredMs = NOW_MS + DAY_MS + 50 * 60_000;
  expect(await forgetBatches(at(context, expiredMs))).toEqual([]);
  const laterMs = NOW_MS + 2 * DAY_MS;
  const copiedUntilMs = async () => expiredMs;
  expect(await forgetBatches({ ...at(context, laterMs), copiedUntilMs })).toEqual([]);
  expect(await forgetBatches(at(context, laterMs))).toEqual(['old']);
});

const at = (context: ForgetContext, nowMs: number): ForgetContext => ({
  ...context,
  now: () => nowMs,
  redisNow: async () => nowMs,
});

it('old batches are deleted despite an unreadable one', async () => {
  const { redis, prefix, store, context } = openStores();
  await makeBatch(store, 'bad', NOW_MS - RETENTION_MS - DAY_MS);
  await makeBatch(store, 'old', NOW_MS - RETENTION_MS - DAY_MS);
  await redis.hset(createKeys(prefix).batch('bad'), 'options', '{}');
  expect(await forgetBatches(context)).toEqual(['old']);
});
