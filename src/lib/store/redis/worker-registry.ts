import type { Redis } from 'ioredis';
import { z } from 'zod';
import { loadScript } from '../../redis/script.ts';
import type { Keys } from '../keys.ts';
import { storedJson } from './packing/stored-json.ts';

const workerInfo = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.number(),
  startedAtMs: z.number(),
  /** What its own settings request. */
  limits: z.object({
    concurrency: z.number(),
    ratePerSecond: z.number(),
    sessionsPerDay: z.number().default(0),
  }),
});
export type WorkerInfo = z.infer<typeof workerInfo>;
const stored = storedJson('The heartbeat of this worker', workerInfo);

const refusal = z.object({
  /** In the words of Redis. */
  reason: z.string(),
  /** By the clock of Redis. */
  atMs: z.number(),
});
const storedRefusal = storedJson('The refusal of a right to this worker', refusal);

const heartbeat = loadScript(new URL('./lua/', import.meta.url), 'send-heartbeat', {
  keys: ['workers'],
  args: ['nowMs', 'silentSinceMs', 'info'],
});

export const HEARTBEAT_MS = 3_000;
/** A worker that is silent for longer counts as gone. */
const GONE_MS = 12_000;

/** Records that this worker is alive. Call it again every `HEARTBEAT_MS`. */
export async function sendHeartbeat(redis: Redis, keys: Keys, info: WorkerInfo): Promise<void> {
  const nowMs = await redisTimeMs(redis);
  const times = { nowMs, silentSinceMs: nowMs - 10 * GONE_MS };
  await heartbeat.run(redis, { workers: keys.workers }, { ...times, info: stored.write(info) });
}

export async function signOff(redis: Redis, keys: Keys, info: WorkerInfo): Promise<void> {
  await redis.zrem(keys.workers, stored.write(info));
}

/** Workers with a heartbeat in the last 12 s, by the clock of Redis. */
export async function listWorkers(redis: Redis, keys: Keys): Promise<WorkerInfo[]> {
  const since = (await redisTimeMs(redis)) - GONE_MS;
  const found = await redis.zrange(keys.workers, String(since), '+inf', 'BYSCORE');
  // Unreadable entries, such as heartbeats of another version, disappear within two minutes.
  return found.flatMap((text) => stored.tryRead(text) ?? []);
}

/**
 * Records that Redis refuses this worker a right. A heartbeat is a script that adds to a sorted set; these are plain
 * commands on a hash, which its user may still have. Call it again every `HEARTBEAT_MS`, after trying a heartbeat, for
 * as long as that is so.
 */
export async function reportRefusal(
  redis: Redis,
  keys: Keys,
  { id }: Pick<WorkerInfo, 'id'>,
  reason: string,
): Promise<void> {
  const atMs = await redisTimeMs(redis);
  await redis.hset(keys.refusedWorkers, id, storedRefusal.write({ reason, atMs }));
  await redis.pexpire(keys.refusedWorkers, GONE_MS);
}

/** How many workers wait for a right, and which; null if any worker has what it needs, or none is known. */
export async function readRefusal(
  redis: Redis,
  keys: Keys,
): Promise<{ workers: number; reason: string } | null> {
  const since = (await redisTimeMs(redis)) - GONE_MS;
  const [refused, alive] = await Promise.all([
    redis.hgetall(keys.refusedWorkers),
    redis.zrange(keys.workers, String(since), '+inf', 'BYSCORE', 'WITHSCORES'),
  ]);
  const found = Object.entries(refused).flatMap(([id, text]) => {
    const entry = storedRefusal.tryRead(text);
    return entry === null || entry.atMs < since ? [] : [{ id, ...entry }];
  });
  const works = alive.some((text, at) => {
    const worker = at % 2 === 0 ? stored.tryRead(text) : null;
    const refusedAtMs = found.find(({ id }) => id === worker?.id)?.atMs ?? 0;
    return worker !== null && Number(alive[at + 1]) > refusedAtMs;
  });
  const [latest] = found.toSorted((one, other) => other.atMs - one.atMs);
  return works || latest === undefined ? null : { workers: found.length, reason: latest.reason };
}

/** The clock that all processes share. */
export async function redisTimeMs(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}
