import { Redis } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import { RedisClock } from '../../../src/lib/redis/redis-clock.ts';
import { testRedisUrl } from '../../setup/redis/redis.ts';

const DAY_MS = 86_400_000;

function connect(): Redis {
  const redis = new Redis(testRedisUrl());
  onTestFinished(() => {
    vi.restoreAllMocks();
    redis.disconnect();
  });
  return redis;
}

/** Sets the time of day of this process wrong. */
function shiftDate(byMs: number): void {
  const { now } = Date;
  vi.spyOn(Date, 'now').mockImplementation(() => now() + byMs);
}

async function redisTimeMs(redis: Redis): Promise<number> {
  const [seconds] = await redis.time();
  return Number(seconds) * 1_000;
}

it.for([DAY_MS, -DAY_MS])(
  'the clock reads the time of Redis on a machine whose clock is %i ms off',
  async (byMs) => {
    const redis = connect();
    shiftDate(byMs);
    const clock = await RedisClock.open(redis);
    const beforeMs = await redisTimeMs(redis);
    const nowMs = clock.now();
    const afterMs = (await redisTimeMs(redis)) + 1_000;
    // The whole round trip of TIME may have been spent in one direction.
    expect(nowMs).toBeGreaterThan(beforeMs - 30_000);
    expect(nowMs).toBeLessThan(afterMs + 30_000);
    expect(Math.round(clock.machineAheadMs / DAY_MS)).toBe(byMs / DAY_MS);
  },
);

it('the clock ignores a changed time of day on this machine', async () => {
  const clock = await RedisClock.open(connect());
  const beforeMs = clock.now();
  shiftDate(DAY_MS);
  expect(clock.now() - beforeMs).toBeLessThan(DAY_MS / 2);
  expect(Math.round(clock.machineAheadMs / DAY_MS)).toBe(1);
});

it('the clock follows a correction of the clock of Redis', async () => {
  const answers = [1_000, 2_000];
  const time = async () => [answers.shift() ?? 0, 0];
  const clock = await RedisClock.open({ time } as unknown as Redis);
  const before = clock.now();
  await clock.correct();
  expect(Math.round((clock.now() - before) / 1_000_000)).toBe(1);
});
