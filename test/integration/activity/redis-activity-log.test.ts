import { Redis } from 'ioredis';
import { expect, it, onTestFinished } from 'vitest';
import { RedisActivityLog } from '../../../src/lib/activity/redis-activity-log.ts';
import { type Activity, noActivity } from '../../../src/lib/core/activity.ts';
import { createKeys } from '../../../src/lib/store/keys.ts';
import { prefixForTest, testRedisUrl } from '../../setup/redis/redis.ts';

const MINUTE_MS = 60_000;
/** In the middle of a minute and of ten. */
const NOW_MS = 1_700_000_100_000 + 245_000;

function open() {
  const redis = new Redis(testRedisUrl());
  onTestFinished(() => redis.disconnect());
  const keys = createKeys(prefixForTest());
  return { redis, keys, log: new RedisActivityLog(redis, keys) };
}

const calls = (opened: number): Activity => {
  const activity = noActivity();
  activity.answers.opened = opened;
  activity.outcomes.succeeded = opened;
  activity.latencies[2] = opened;
  activity.latencyTotalMs = opened * 250.4;
  return activity;
};

it('the log returns the last minutes step by step, including steps without work', async () => {
  const { log } = open();
  await log.add(calls(3), NOW_MS - 2 * MINUTE_MS);
  await log.add(calls(1), NOW_MS);
  await log.add(calls(4), NOW_MS + 1_000);
  const steps = await log.readRecent('minutes', 4 * MINUTE_MS, NOW_MS);
  expect(steps.map(({ activity }) => activity.answers.opened)).toEqual([0, 3, 0, 5]);
  expect(steps.map(({ atMs }) => atMs % MINUTE_MS)).toEqual([0, 0, 0, 0]);
  expect(steps[1]?.activity).toMatchObject({
    outcomes: { succeeded: 3, failed: 0 },
    latencyTotalMs: 751,
  });
});

it('the log sums several workers, also in ten-minute steps and as totals', async () => {
  const { log } = open();
  await Promise.all([log.add(calls(2), NOW_MS), log.add(calls(3), NOW_MS - MINUTE_MS)]);
  const [tens] = await log.readRecent('tens', 1, NOW_MS);
  expect(tens?.activity.answers.opened).toBe(5);
  const totals = await log.readTotals();
  expect([totals.answers.opened, totals.latencies[2]]).toEqual([5, 5]);
});

it('the log deletes old steps by itself, and reads no further back than it keeps', async () => {
  const { redis, keys, log } = open();
  await log.add(calls(1), NOW_MS);
  const lifeMs = await redis.pttl(keys.activity(MINUTE_MS, Math.floor(NOW_MS / MINUTE_MS)));
  expect(lifeMs).toBeGreaterThan(3 * 60 * MINUTE_MS);
  expect(await redis.ttl(keys.activityTotals)).toBe(-1);
  expect(await log.readRecent('minutes', 1_000 * 60 * MINUTE_MS, NOW_MS)).toHaveLength(180);
  expect(await log.readRecent('tens', 1_000 * 60 * MINUTE_MS, NOW_MS)).toHaveLength(288);
});

it('the log writes nothing if no work was done', async () => {
  const { redis, keys, log } = open();
  await log.add(noActivity(), NOW_MS);
  expect(await redis.exists(keys.activityTotals)).toBe(0);
});
