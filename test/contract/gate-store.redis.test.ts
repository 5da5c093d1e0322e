import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { RedisGateStore } from '../../src/lib/gate/redis-gate-store.ts';
import { createKeys } from '../../src/lib/store/keys.ts';
import { prefixForTest, testRedisUrl } from '../setup/redis/redis.ts';
import { describeGateStore } from './gate-store.contract.ts';

function connect(): Redis {
  const redis = new Redis(testRedisUrl());
  onTestFinished(() => redis.disconnect());
  return redis;
}

describeGateStore('the gate in Redis', async (count) => {
  const keys = createKeys(prefixForTest());
  return await Promise.all(
    Array.from({ length: count }, () => RedisGateStore.open(connect(), connect(), keys)),
  );
});

it('the store writes nothing for a decision that changes nothing', async () => {
  const redis = connect();
  const keys = createKeys(prefixForTest());
  const store = await RedisGateStore.open(redis, connect(), keys);
  await store.update(({ gate }) => ({ gate, result: undefined }));
  expect(await redis.exists(keys.gate)).toBe(0);
});

it('the store uses the clock of Redis', async () => {
  const redis = connect();
  const store = await RedisGateStore.open(redis, connect(), createKeys(prefixForTest()));
  const before = Number((await redis.time())[0]) * 1_000;
  const { nowMs } = await store.read();
  const after = (Number((await redis.time())[0]) + 1) * 1_000;
  expect(nowMs).toBeGreaterThanOrEqual(before);
  expect(nowMs).toBeLessThan(after);
});

it('the store treats a damaged gate as a closed one, which one trial call may try at once', async () => {
  const redis = connect();
  const keys = createKeys(prefixForTest());
  const store = await RedisGateStore.open(redis, connect(), keys);
  await redis.set(keys.gate, '{"mode":"ajar"}');
  const { gate, nowMs } = await store.read();
  expect(gate).toMatchObject({
    mode: 'closed',
    untilMs: nowMs,
    needsTrialCall: true,
    cause: { code: 'gate_damaged' },
  });
  await store.update((reading) => ({ gate: { ...reading.gate, mode: 'open' }, result: null }));
  expect((await store.read()).gate.mode).toBe('open');
});
