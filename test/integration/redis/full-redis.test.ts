import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RedisScheduleStore } from '../../../src/lib/schedule/redis-schedule-store.ts';
import { createKeys } from '../../../src/lib/store/keys.ts';
import { AuditLog } from '../../../src/lib/store/redis/audit-log.ts';
import { RedisBatchOverview } from '../../../src/lib/store/redis/redis-batch-overview.ts';
import { RedisBatchSteering } from '../../../src/lib/store/redis/redis-batch-steering.ts';
import { RedisBatchStore } from '../../../src/lib/store/redis/redis-batch-store.ts';
import { listWorkers, sendHeartbeat } from '../../../src/lib/store/redis/worker-registry.ts';
import { ref, withBatch } from '../../contract/batch-store/examples.ts';
import { type PrivateRedis, startPrivateRedis } from '../../setup/redis/private-redis.ts';

const keys = createKeys();
const worker = {
  id: 'w',
  host: 'h',
  pid: 1,
  startedAtMs: 0,
  limits: { concurrency: 1, ratePerSecond: 0, sessionsPerDay: 0 },
};
let server: PrivateRedis;
let redis: Redis;
let store: RedisBatchStore;

beforeAll(async () => {
  server = await startPrivateRedis();
  redis = new Redis(server.url);
  store = new RedisBatchStore(redis, keys);
  await withBatch(store, 3);
  await redis.config('SET', 'maxmemory', '1mb');
});

afterAll(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});

it('a full Redis reports in its own words that it accepts no writes, until it has room again', async () => {
  const overview = new RedisBatchOverview(redis, keys, store);
  expect(await overview.readWriteRefusal()).toMatch(
    /^Redis accepts no writes: OOM .* It is full: /,
  );
  await redis.config('SET', 'maxmemory', '0');
  expect(await overview.readWriteRefusal()).toBeNull();
  expect(await redis.exists(keys.writeTest)).toBe(0);
  await redis.config('SET', 'maxmemory', '1mb');
});

it('the workers of a full Redis stay visible', async () => {
  await expect(redis.set('any', 'thing')).rejects.toThrow('OOM');
  await sendHeartbeat(redis, keys, worker);
  expect(await listWorkers(redis, keys)).toEqual([worker]);
});

it('a full Redis still lets a batch be paused, records who did it, and shows what dispatch reads', async () => {
  const entry = { atMs: 5, who: 'mia', what: 'paused', reason: null };
  expect(await store.changeState(ref('batch-1'), 'pause', null, 5)).toBe('paused');
  const steering = new RedisBatchSteering(redis, keys);
  await steering.addHistory(ref('batch-1'), entry);
  expect(await steering.readHistory('batch-1')).toEqual([entry]);
  expect(await store.readDispatch('batch-1')).toMatchObject({ cursor: 1, underWay: 0 });
});

it('a full Redis still lets a batch with a damaged record be removed', async () => {
  await redis.config('SET', 'maxmemory', '0');
  await withBatch(store, 3, [], 'bad');
  await redis.hset(keys.batch('bad'), 'state', 'odd');
  await redis.config('SET', 'maxmemory', '1mb');
  await new RedisBatchSteering(redis, keys).removeDamaged('bad');
  expect(await redis.keys('*bad*')).toEqual([]);
  expect(await redis.zrange(keys.batches, '0', '-1')).toEqual(['batch-1']);
});

it('a full Redis still records who changed the gate, and lets a schedule be removed', async () => {
  const entry = { atMs: 5, who: 'mia', what: 'gate paused', reason: null };
  const audit = new AuditLog(redis, keys);
  await audit.add(entry);
  expect(await audit.read(9)).toEqual([entry]);
  expect(await new RedisScheduleStore(redis, keys).remove('none')).toBe(false);
});

it('removing batches makes room in a full Redis', async () => {
  const batch = await store.readBatch('batch-1');
  if (batch === null) throw new Error('it is gone');
  await new RedisBatchSteering(redis, keys).remove(batch, Date.now());
  expect(await store.readBatch('batch-1')).toBeNull();
  expect(await redis.keys('*:batch:*')).toEqual([]);
});
