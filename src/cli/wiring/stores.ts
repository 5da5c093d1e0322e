import type { Redis } from 'ioredis';
import { RedisActivityLog } from '../../lib/activity/redis-activity-log.ts';
import { NO_RUN, NO_WORKER } from '../../lib/core/batch/explain-standstill.ts';
import { CopyStateStore } from '../../lib/database/copy-state-store.ts';
import { RedisGateStore } from '../../lib/gate/redis-gate-store.ts';
import { Queues } from '../../lib/queue/queues.ts';
import { ScheduleQueue } from '../../lib/queue/schedule-queue.ts';
import { connectRedis, duplicateConnection, type Patience } from '../../lib/redis/connection.ts';
import { explainRedisTrouble, isMissingRight } from '../../lib/redis/trouble.ts';
import { RedisUnusable } from '../../lib/redis/unusable.ts';
import { RedisScheduleStore } from '../../lib/schedule/redis-schedule-store.ts';
import { createKeys, type Keys } from '../../lib/store/keys.ts';
import { AuditLog } from '../../lib/store/redis/audit-log.ts';
import { RedisBatchOverview } from '../../lib/store/redis/redis-batch-overview.ts';
import { RedisBatchRepair } from '../../lib/store/redis/redis-batch-repair.ts';
import { RedisBatchSteering } from '../../lib/store/redis/redis-batch-steering.ts';
import { RedisBatchStore } from '../../lib/store/redis/redis-batch-store.ts';
import { RedisBatchWatch } from '../../lib/store/redis/redis-batch-watch.ts';
import { RedisResultFeed } from '../../lib/store/redis/redis-result-feed.ts';
import { RedisRowIndex } from '../../lib/store/redis/redis-row-index.ts';
import { type RedisSettings, redisServerOf } from '../options/redis-server.ts';
import { CliError, EXIT } from '../process/exit.ts';

/** Everything in Redis that a command needs. Disposing closes the connections, the last one first. */
export interface Stores extends AsyncDisposable {
  redis: Redis;
  keys: Keys;
  store: RedisBatchStore;
  overview: RedisBatchOverview;
  steering: RedisBatchSteering;
  repair: RedisBatchRepair;
  watch: RedisBatchWatch;
  rowIndex: RedisRowIndex;
  feed: RedisResultFeed;
  copyState: CopyStateStore;
  activity: RedisActivityLog;
  gateStore: RedisGateStore;
  audit: AuditLog;
  queues: Queues;
  schedules: RedisScheduleStore;
  scheduleQueue: ScheduleQueue;
  /** What to say where no worker runs, and what starts one. */
  noWorker: string;
}

/** @throws CliError when Redis cannot be reached (75), would drop rows (2), or refuses this user a right (2). */
export async function openStores(
  settings: RedisSettings,
  /**
   * `space`: keeps practice data apart from real data on the same server. `isOfRun`: the data of `run`, which is its
   * only worker; default false.
   */
  options: { name: string; patience: Patience; space?: 'sandbox'; isOfRun?: boolean },
): Promise<Stores> {
  const keys = createKeys(options.space === 'sandbox' ? '{kling-sandbox}' : undefined);
  const readings = await openBase(settings, options.name, options.patience, keys);
  const { redis, store } = readings;
  const queues = new Queues(redis, keys);
  const scheduleQueue = new ScheduleQueue(redis, keys);
  return {
    ...readings,
    steering: new RedisBatchSteering(redis, keys),
    repair: new RedisBatchRepair(redis, keys),
    watch: new RedisBatchWatch(redis, keys, store),
    rowIndex: new RedisRowIndex(redis, keys),
    feed: new RedisResultFeed(redis, keys),
    copyState: new CopyStateStore(redis, keys),
    activity: new RedisActivityLog(redis, keys),
    audit: new AuditLog(redis, keys),
    queues,
    schedules: new RedisScheduleStore(redis, keys),
    scheduleQueue,
    noWorker: options.isOfRun ? NO_RUN : NO_WORKER,
    [Symbol.asyncDispose]: async () => {
      await scheduleQueue[Symbol.asyncDispose]();
      await queues[Symbol.asyncDispose]();
      await readings[Symbol.asyncDispose]();
    },
  };
}

/** What can be read from Redis. BullMQ's queues are left out, because opening one writes its settings. */
export type Readings = Pick<Stores, 'redis' | 'keys' | 'store' | 'overview' | 'gateStore'> &
  AsyncDisposable;

/**
 * For commands that only read Redis.
 * @throws CliError as `openStores` does.
 */
export const openReadings = (settings: RedisSettings, name: string): Promise<Readings> =>
  openBase(settings, name, 'impatient', createKeys());

/** If a later part cannot be opened, the earlier ones are closed: an open connection would keep the process alive. */
async function openBase(
  settings: RedisSettings,
  name: string,
  patience: Patience,
  keys: Keys,
): Promise<Readings> {
  const redis = await connectRedis(redisServerOf(settings), name, patience).catch(asCliError);
  const subscriber = duplicateConnection(redis, `${name}-gate`);
  const close = (): void => {
    subscriber.disconnect();
    redis.disconnect();
  };
  try {
    const store = new RedisBatchStore(redis, keys);
    return {
      redis,
      keys,
      store,
      overview: new RedisBatchOverview(redis, keys, store),
      gateStore: await RedisGateStore.open(redis, subscriber, keys),
      [Symbol.asyncDispose]: async () => close(),
    };
  } catch (error) {
    close();
    return asCliError(error);
  }
}

function asCliError(error: unknown): never {
  if (error instanceof RedisUnusable) {
    throw new CliError(error.kind === 'unsuitable' ? EXIT.usage : EXIT.unavailable, error.message);
  }
  if (error instanceof Error && isMissingRight(error)) {
    throw new CliError(EXIT.usage, explainRedisTrouble(error));
  }
  throw error;
}
