import { Redis } from 'ioredis';
import { test as base, describe, expect } from 'vitest';
import { createKeys, type Keys } from '../../../src/lib/store/keys.ts';
import {
  listWorkers,
  readRefusal,
  redisTimeMs,
  reportRefusal,
  sendHeartbeat,
  type WorkerInfo,
} from '../../../src/lib/store/redis/worker-registry.ts';
import { removeKeys, testRedisUrl, uniquePrefix } from '../../setup/redis/redis.ts';

const test = base.extend<{ place: { redis: Redis; keys: Keys } }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of fixtures from the pattern
  place: async ({}, use) => {
    const prefix = uniquePrefix();
    const redis = new Redis(testRedisUrl());
    await use({ redis, keys: createKeys(prefix) });
    redis.disconnect();
    await removeKeys(prefix);
  },
});

const worker = (id: string): WorkerInfo => ({
  id,
  host: 'h',
  pid: 1,
  startedAtMs: 0,
  limits: { concurrency: 1, ratePerSecond: 0, sessionsPerDay: 0 },
});

const NO_SCRIPTS = "NOPERM … 'evalsha'";
const NO_HASHES = "NOPERM … 'hset'";

/** Heartbeats and refusals in this order, each at a later millisecond, as `a` or `a: reason`. */
async function happen({ redis, keys }: { redis: Redis; keys: Keys }, ...events: string[]) {
  for (const event of events) {
    const [id = '', reason] = event.split(': ');
    if (reason === undefined) await sendHeartbeat(redis, keys, worker(id));
    else await reportRefusal(redis, keys, worker(id), reason);
    const afterMs = await redisTimeMs(redis);
    while ((await redisTimeMs(redis)) === afterMs);
  }
}

describe('workers that Redis refuses a right', () => {
  test.for<[string, string[], { workers: number; reason: string } | null]>([
    ['none without one', [], null],
    ['none if a worker beats', ['a'], null],
    ['one that never beat', [`a: ${NO_SCRIPTS}`], { workers: 1, reason: NO_SCRIPTS }],
    ['one that beat before', ['a', `a: ${NO_SCRIPTS}`], { workers: 1, reason: NO_SCRIPTS }],
    ['none once it beats again', [`a: ${NO_SCRIPTS}`, 'a'], null],
    ['none if another one works', [`a: ${NO_SCRIPTS}`, 'b'], null],
    [
      'each once, with the reason that came last',
      ['a', `a: ${NO_SCRIPTS}`, `b: ${NO_SCRIPTS}`, `a: ${NO_HASHES}`],
      { workers: 2, reason: NO_HASHES },
    ],
  ])('%s', async ([, events, expected], { place }) => {
    await happen(place, ...events);
    expect(await readRefusal(place.redis, place.keys)).toEqual(expected);
  });

  test('are not listed as workers, and are forgotten by themselves', async ({ place }) => {
    const { redis, keys } = place;
    await happen(place, `a: ${NO_SCRIPTS}`);
    expect(await listWorkers(redis, keys)).toEqual([]);
    expect(await redis.pttl(keys.refusedWorkers)).toBeGreaterThan(0);
  });
});
