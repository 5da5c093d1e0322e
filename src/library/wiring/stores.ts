import type { Redis } from 'ioredis';
import { BatchActivity } from '../../lib/activity/batch-activity.ts';
import { RedisActivityLog } from '../../lib/activity/redis-activity-log.ts';
import { Timeline } from '../../lib/activity/timeline.ts';
import { BulkStore } from '../../lib/bulk/bulk-store.ts';
import { NO_RUN, NO_WORKER } from '../../lib/core/batch/explain-standstill.ts';
import { CopyStateStore } from '../../lib/database/copy-state-store.ts';
import { RedisGateStore } from '../../lib/gate/redis-gate-store.ts';
import { IdempotencyStore } from '../../lib/idempotency/idempotency-store.ts';
import { Queues } from '../../lib/queue/queues.ts';
import { ScheduleQueue } from '../../lib/queue/schedule-queue.ts';
import { connectRedis, duplicateConnection, type Patience } from '../../lib/redis/connection.ts';
import { RedisScheduleStore } from '../../lib/schedule/redis-schedule-store.ts';
import { type Keys, keysOfSpace } from '../../lib/store/keys.ts';
import { AuditLog } from '../../lib/store/redis/audit-log.ts';
import { RedisKeyIndex } from '../../lib/store/redis/indexes/redis-key-index.ts';
import { RedisRowIndex } from '../../lib/store/redis/indexes/redis-row-index.ts';
import { RedisBatchOverview } from '../../lib/store/redis/redis-batch-overview.ts';
import { RedisBatchRepair } from '../../lib/store/redis/redis-batch-repair.ts';
import { RedisBatchSteering } from '../../lib/store/redis/redis-batch-steering.ts';
import { RedisBatchStore } from '../../lib/store/redis/redis-batch-store.ts';
import { RedisBatchWatch } from '../../lib/store/redis/redis-batch-watch.ts';
import { RedisLedger } from '../../lib/store/redis/redis-ledger.ts';
import { RedisResultFeed } from '../../lib/store/redis/redis-result-feed.ts';
import { RedisSearchIndex } from '../../lib/store/redis/searching/redis-search-index.ts';
import { TokenStore } from '../../lib/tokens/token-store.ts';
import { type RedisSettings, redisServerOf } from './redis-server.ts';

/** Everything in Redis that a command needs. Disposing closes the connections, the last one first. */
export interface Stores extends AsyncDisposable {
  redis: Redis;
  /** `redis` and the subscription to the gate. */
  connections: readonly Redis[];
  keys: Keys;
  store: RedisBatchStore;
  overview: RedisBatchOverview;
  ledger: RedisLedger;
  steering: RedisBatchSteering;
  repair: RedisBatchRepair;
  watch: RedisBatchWatch;
  rowIndex: RedisRowIndex;
  keyIndex: RedisKeyIndex;
  searchIndex: RedisSearchIndex;
  feed: RedisResultFeed;
  copyState: CopyStateStore;
  activity: RedisActivityLog;
  batchActivity: BatchActivity;
  timeline: Timeline;
  bulk: BulkStore;
  gateStore: RedisGateStore;
  audit: AuditLog;
  tokens: TokenStore;
  idempotency: IdempotencyStore;
  queues: Queues;
  schedules: RedisScheduleStore;
  scheduleQueue: ScheduleQueue;
  /** The sentence for when no worker runs; it says how to start one. */
  noWorker: string;
}

/** @throws RedisUnusable when Redis cannot be reached, would drop rows, or refuses this user a right. */
export async function openStores(
  settings: RedisSettings,
  /**
   * `space`: keeps practice data apart from real data on the same server. `isOfRun`: the data of `run`, which is its
   * only worker; default false.
   */
  options: { name: string; patience: Patience; space?: 'sandbox'; isOfRun?: boolean },
): Promise<Stores> {
  const keys = keysOfSpace(settings.REDIS_KEY_SPACE, options.space === 'sandbox');
  const readings = await openBase(settings, options.name, options.patience, keys);
  const { redis, store } = readings;
  const queues = new Queues(redis, keys);
  const scheduleQueue = new ScheduleQueue(redis, keys);
  return {
    ...readings,
    steering: new RedisBatchSteering(redis, keys),
    repair: new RedisBatchRepair(redis, keys),
    watch: new RedisBatchWatch(redis, keys, store),
    keyIndex: new RedisKeyIndex(redis, keys),
    searchIndex: new RedisSearchIndex(redis, keys),
    feed: new RedisResultFeed(redis, keys),
    copyState: new CopyStateStore(redis, keys),
    activity: new RedisActivityLog(redis, keys),
    batchActivity: new BatchActivity(redis, keys),
    timeline: new Timeline(redis, keys),
    bulk: new BulkStore(redis, keys),
    audit: new AuditLog(redis, keys),
    tokens: new TokenStore(redis, keys),
    idempotency: new IdempotencyStore(redis, keys),
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

/** The stores for reading Redis. BullMQ's queues are left out, because opening one writes its settings. */
export type Readings = Pick<
  Stores,
  'redis' | 'connections' | 'keys' | 'store' | 'rowIndex' | 'overview' | 'ledger' | 'gateStore'
> &
  AsyncDisposable;

/**
 * For commands that only read Redis.
 * @throws RedisUnusable as `openStores` does.
 */
export const openReadings = (settings: RedisSettings, name: string): Promise<Readings> =>
  openBase(settings, name, 'impatient', keysOfSpace(settings.REDIS_KEY_SPACE));

/** If a later part cannot be opened, the earlier ones are closed: an open connection would keep the process alive. */
async function openBase(
  settings: RedisSettings,
  name: string,
  patience: Patience,
  keys: Keys,
): Promise<Readings> {
  const redis = await connectRedis(redisServerOf(settings), name, patience);
  const subscriber = duplicateConnection(redis, `${name}-gate`);
  const close = (): void => {
    subscriber.disconnect();
    redis.disconnect();
  };
  try {
    const store = new RedisBatchStore(redis, keys);
    return {
      redis,
      connections: [redis, subscriber],
      keys,
      store,
      rowIndex: new RedisRowIndex(redis, keys),
      overview: new RedisBatchOverview(redis, keys, store),
      ledger: new RedisLedger(redis, keys, store),
      gateStore: await RedisGateStore.open(redis, subscriber, keys),
      [Symbol.asyncDispose]: async () => close(),
    };
  } catch (error) {
    close();
    throw error;
  }
}
