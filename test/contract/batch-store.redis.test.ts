import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { createKeys } from '../../src/lib/store/keys.ts';
import { RedisBatchStore } from '../../src/lib/store/redis/redis-batch-store.ts';
import { prefixForTest, testRedisUrl } from '../setup/redis/redis.ts';
import { chunk, draft, NOW_MS, outcome, ref, SOURCE, withBatch } from './batch-store/examples.ts';
import { describeBatchStore } from './batch-store.contract.ts';

function connect(): Redis {
  const redis = new Redis(testRedisUrl());
  onTestFinished(() => redis.disconnect());
  return redis;
}

describeBatchStore('the batch store in Redis', async (count) => {
  const keys = createKeys(prefixForTest());
  return Array.from({ length: count }, () => new RedisBatchStore(connect(), keys));
});

it('the store works on a server that has forgotten all scripts', async () => {
  const redis = connect();
  const store = new RedisBatchStore(redis, createKeys(prefixForTest()));
  await redis.script('FLUSH');
  await withBatch(store, 1);
  await redis.script('FLUSH');
  expect(await store.recordOutcome(ref('batch-1'), 1, '', outcome(), SOURCE)).toMatchObject({
    kind: 'recorded',
  });
});

it('the store keeps all its keys under the prefix', async () => {
  const redis = connect();
  const prefix = prefixForTest();
  const store = new RedisBatchStore(redis, createKeys(prefix));
  await withBatch(store, 501);
  await store.recordOutcome(ref('batch-1'), 1, '', outcome(), SOURCE);
  const keys = await redis.keys(`${prefix.replace(/[{}-]/g, '?')}*`);
  expect(keys.toSorted()).toEqual(
    [
      'batch:batch-1',
      'batch:batch-1:marks',
      'batch:batch-1:outcomes:0',
      'batch:batch-1:pace',
      'batch:batch-1:rows:0',
      'batch:batch-1:rows:1',
      'batches',
      'feed',
      'feed-batches',
      'feed:0',
      'identities',
    ].map((key) => `${prefix}:${key}`),
  );
});

it('a waiting row takes at most 100 bytes of Redis', async () => {
  const redis = connect();
  const prefix = prefixForTest();
  const store = new RedisBatchStore(redis, createKeys(prefix));
  await store.openBatch(draft(), NOW_MS);
  await store.appendChunk(ref('batch-1'), chunk(0, 500));
  const sizeBytes = await redis.memory('USAGE', `${prefix}:batch:batch-1:rows:0`);
  expect(Number(sizeBytes) / 500).toBeLessThan(100);
});
