import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { createKeys } from '../../../../src/lib/store/keys.ts';
import { RedisBatchOverview } from '../../../../src/lib/store/redis/redis-batch-overview.ts';
import { RedisBatchSteering } from '../../../../src/lib/store/redis/redis-batch-steering.ts';
import { RedisBatchStore } from '../../../../src/lib/store/redis/redis-batch-store.ts';
import { forgetBatches } from '../../../../src/worker/upkeep/forget-batches.ts';
import { chunk, draft, outcome, SHAPE, SOURCE } from '../../../contract/batch-store/examples.ts';
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
  const context = { overview, steering, retentionMs: RETENTION_MS, now: () => NOW_MS };
  return { redis, prefix, store, steering, context };
}

/** A batch of one row; ended at `endedAtMs`, or still waiting when that is null. */
async function makeBatch(store: RedisBatchStore, id: string, endedAtMs: number | null) {
  await store.openBatch(draft({ id, identity: id }), NOW_MS - 200 * DAY_MS);
  await store.appendChunk(id, chunk(0, 1));
  await store.finishImport(id, SHAPE, NOW_MS - 200 * DAY_MS);
  if (endedAtMs === null) return;
  await store.recordOutcome(id, 1, '', outcome({ finishedAtMs: endedAtMs }), SOURCE);
}

it('deletes only batches that ended longer ago than they are kept', async () => {
  const { store, context } = openStores();
  await makeBatch(store, 'old', NOW_MS - RETENTION_MS - DAY_MS);
  await makeBatch(store, 'young', NOW_MS - RETENTION_MS + DAY_MS);
  await makeBatch(store, 'never-ended', null);
  expect(await forgetBatches(context)).toEqual(['old']);
  expect(await store.readBatch('old')).toBeNull();
  expect((await store.readBatch('young'))?.state).toBe('completed');
  expect((await store.readBatch('never-ended'))?.state).toBe('running');
});

it('leaves no key of a deleted batch behind, and the same manifest can be imported anew', async () => {
  const { redis, prefix, store, context } = openStores();
  await makeBatch(store, 'old', NOW_MS - RETENTION_MS - DAY_MS);
  await forgetBatches(context);
  const left = await redis.keys(`${prefix}:batch*`);
  expect(left).toEqual([]);
  expect((await store.openBatch(draft({ id: 'old', identity: 'old' }), NOW_MS)).kind).toBe(
    'created',
  );
});
