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

/** The clock that all processes share. */
export async function redisTimeMs(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}
