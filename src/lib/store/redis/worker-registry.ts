import type { Redis } from 'ioredis';
import { z } from 'zod';
import type { Keys } from '../keys.ts';

const workerInfo = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.number(),
  startedAtMs: z.number(),
  /** What its own settings ask for. */
  limits: z.object({ concurrency: z.number(), ratePerSecond: z.number() }),
});
export type WorkerInfo = z.infer<typeof workerInfo>;

export const HEARTBEAT_MS = 3_000;
/** Silent for longer is gone. */
const GONE_MS = 12_000;

/** Says that this worker lives; to be repeated every `HEARTBEAT_MS`. */
export async function sendHeartbeat(redis: Redis, keys: Keys, info: WorkerInfo): Promise<void> {
  const nowMs = await redisTimeMs(redis);
  await redis
    .multi()
    .zadd(keys.workers, nowMs, JSON.stringify(info))
    .zremrangebyscore(keys.workers, '-inf', String(nowMs - 10 * GONE_MS))
    .exec();
}

export async function signOff(redis: Redis, keys: Keys, info: WorkerInfo): Promise<void> {
  await redis.zrem(keys.workers, JSON.stringify(info));
}

/** Workers that gave a sign of life within the last 12 s, by the clock of Redis. */
export async function listWorkers(redis: Redis, keys: Keys): Promise<WorkerInfo[]> {
  const since = (await redisTimeMs(redis)) - GONE_MS;
  const found = await redis.zrange(keys.workers, String(since), '+inf', 'BYSCORE');
  return found.map((text) => workerInfo.parse(JSON.parse(text)));
}

async function redisTimeMs(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}
