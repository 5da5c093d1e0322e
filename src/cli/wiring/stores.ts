import type { Redis } from 'ioredis';
import { RedisActivityLog } from '../../lib/activity/redis-activity-log.ts';
import { RedisGateStore } from '../../lib/gate/redis-gate-store.ts';
import { Queues } from '../../lib/queue/queues.ts';
import { ScheduleQueue } from '../../lib/queue/schedule-queue.ts';
import {
  connectRedis,
  duplicateConnection,
  type Patience,
  RedisUnusable,
} from '../../lib/redis/connection.ts';
import { RedisScheduleStore } from '../../lib/schedule/redis-schedule-store.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { createKeys, type Keys } from '../../lib/store/keys.ts';
import { AuditLog } from '../../lib/store/redis/audit-log.ts';
import { RedisBatchOverview } from '../../lib/store/redis/redis-batch-overview.ts';
import { RedisBatchRepair } from '../../lib/store/redis/redis-batch-repair.ts';
import { RedisBatchSteering } from '../../lib/store/redis/redis-batch-steering.ts';
import { RedisBatchStore } from '../../lib/store/redis/redis-batch-store.ts';
import { RedisBatchWatch } from '../../lib/store/redis/redis-batch-watch.ts';
import { RedisRowIndex } from '../../lib/store/redis/redis-row-index.ts';
import { CliError, EXIT } from '../process/exit.ts';

/** Everything a command needs of Redis. Disposing closes the connections, last opened first. */
export interface Stores extends AsyncDisposable {
  redis: Redis;
  keys: Keys;
  store: RedisBatchStore;
  overview: RedisBatchOverview;
  steering: RedisBatchSteering;
  repair: RedisBatchRepair;
  watch: RedisBatchWatch;
  rowIndex: RedisRowIndex;
  activity: RedisActivityLog;
  gateStore: RedisGateStore;
  audit: AuditLog;
  queues: Queues;
  schedules: RedisScheduleStore;
  scheduleQueue: ScheduleQueue;
}

export const DEFAULT_REDIS_URL = 'redis://127.0.0.1:6379';

/** @throws CliError when Redis cannot be reached (75) or would drop rows (2). */
export async function openStores(
  settings: Pick<Settings, 'REDIS_URL'>,
  /** `space`: practice data lies apart from real data on the same server. */
  options: { name: string; patience: Patience; space?: 'sandbox' },
): Promise<Stores> {
  const url = settings.REDIS_URL ?? DEFAULT_REDIS_URL;
  const redis = await connectRedis(url, options.name, options.patience).catch(asCliError);
  const subscriber = duplicateConnection(redis, `${options.name}-gate`);
  const keys = createKeys(options.space === 'sandbox' ? '{kling-sandbox}' : undefined);
  const queues = new Queues(redis, keys);
  const scheduleQueue = new ScheduleQueue(redis, keys);
  const store = new RedisBatchStore(redis, keys);
  return {
    redis,
    keys,
    store,
    overview: new RedisBatchOverview(redis, keys, store),
    steering: new RedisBatchSteering(redis, keys),
    repair: new RedisBatchRepair(redis, keys),
    watch: new RedisBatchWatch(redis, keys, store),
    rowIndex: new RedisRowIndex(redis, keys),
    activity: new RedisActivityLog(redis, keys),
    gateStore: await RedisGateStore.open(redis, subscriber, keys),
    audit: new AuditLog(redis, keys),
    queues,
    schedules: new RedisScheduleStore(redis, keys),
    scheduleQueue,
    [Symbol.asyncDispose]: async () => {
      await scheduleQueue[Symbol.asyncDispose]();
      await queues[Symbol.asyncDispose]();
      subscriber.disconnect();
      redis.disconnect();
    },
  };
}

/** What can be read from Redis. BullMQ's queues are left out: opening one writes its settings. */
export type Readings = Pick<Stores, 'redis' | 'keys' | 'store' | 'overview' | 'gateStore'> &
  AsyncDisposable;

/**
 * For commands that leave Redis as it is.
 * @throws CliError as `openStores` does.
 */
export async function openReadings(
  settings: Pick<Settings, 'REDIS_URL'>,
  name: string,
): Promise<Readings> {
  const url = settings.REDIS_URL ?? DEFAULT_REDIS_URL;
  const redis = await connectRedis(url, name, 'impatient').catch(asCliError);
  const subscriber = duplicateConnection(redis, `${name}-gate`);
  const keys = createKeys();
  const store = new RedisBatchStore(redis, keys);
  return {
    redis,
    keys,
    store,
    overview: new RedisBatchOverview(redis, keys, store),
    gateStore: await RedisGateStore.open(redis, subscriber, keys),
    [Symbol.asyncDispose]: async () => {
      subscriber.disconnect();
      redis.disconnect();
    },
  };
}

function asCliError(error: unknown): never {
  if (!(error instanceof RedisUnusable)) throw error;
  throw new CliError(error.kind === 'unsuitable' ? EXIT.usage : EXIT.unavailable, error.message);
}
