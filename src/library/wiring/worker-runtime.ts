import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { createDayEnds } from '../../lib/core/budget/session-day.ts';
import type { CopyState } from '../../lib/core/feed/copy-state.ts';
import { DEFAULT_RETRY_POLICY, type RetryPolicy } from '../../lib/core/row/decide-next-step.ts';
import { logLostChannels } from '../../lib/gate/log-lost-channels.ts';
import { createKlingClient } from '../../lib/kling/create-kling-client.ts';
import { RedisClock } from '../../lib/redis/redis-clock.ts';
import { type Reopening, reopenEnded } from '../../lib/redis/reopen-ended.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { RedisProbeMemory } from '../../lib/store/redis/redis-probe-memory.ts';
import { RedisRowsAside } from '../../lib/store/redis/redis-rows-aside.ts';
import { RedisShares } from '../../lib/store/redis/redis-shares.ts';
import { RedisSessionRenewals } from '../../lib/store/redis/renewing/redis-session-renewals.ts';
import { redisTimeMs } from '../../lib/store/redis/worker-registry.ts';
import { GateKeeper } from '../../worker/gate/gate-keeper.ts';
import { BatchOptionsMemory } from '../../worker/stages/work/batch-options-memory.ts';
import { every } from '../../worker/upkeep/every.ts';
import { keepForgetting } from '../../worker/upkeep/forget-batches.ts';
import { keepRenewing } from '../../worker/upkeep/renew-sessions.ts';
import { keepSweeping } from '../../worker/upkeep/sweep.ts';
import { TroubleLog } from '../../worker/upkeep/trouble-log.ts';
import { keepWatchingGate } from '../../worker/upkeep/watch-gate.ts';
import { keepNoting, WorkMeter } from '../../worker/upkeep/work-meter.ts';
import type { WorkerContext } from '../../worker/worker-context.ts';
import { WorkerProcess } from '../../worker/worker-process.ts';
import { requireCredentials } from './credentials.ts';
import { gatePolicyOf } from './gate-policy.ts';
import { openProber } from './prober.ts';
import { findProxyOf } from './proxies.ts';
import { keepDatabaseOf } from './results-database.ts';
import { keepBulkActions } from './services/bulk-service.ts';
import { createNoticeService } from './services/notice-service.ts';
import { createReportService } from './services/report-service.ts';
import { createScheduleService } from './services/schedule-service.ts';
import type { Stores } from './stores.ts';

const LONGEST_COPYING_MS = 10_000;

/** The two stages of stopping a worker. */
export interface StopStages {
  /** Take no new rows, finish the current ones. */
  stopping: AbortSignal;
  /** Return the current rows. */
  halting: AbortSignal;
}

/** The worker in this process. Disposing stops it. */
export interface RunningWorker extends AsyncDisposable {
  /**
   * Queues due notices and waits until they have been sent, and until the results database has everything, each for
   * at most 10 s. Resolves with the database's progress; null without a database.
   */
  tell(): Promise<CopyState | null>;
  /** Why the worker waits for Redis, in the words of Redis; null when it does not. */
  trouble(): string | null;
  /** The same, until Redis has answered without trouble for some seconds. */
  outage(): string | null;
  /**
   * Aborted when a connection to Redis that had ended for good is open again: what this worker holds can be stored, and
   * it should stop, so that its supervisor starts another one.
   */
  broken: AbortSignal;
}

interface WorkerOptions {
  /** Whether this worker starts scheduled runs and reads their manifests on this machine. */
  runsSchedules: boolean;
  /** Of the program, for the charts of the dashboard. Default none. */
  version?: string;
  /** Folders to search for ffprobe, as in `PATH`. */
  searchPath: string;
}

/** The worker of this process: composition root of the three stages. */
export async function startWorker(
  settings: Settings,
  stores: Stores,
  signals: StopStages,
  log: Logger,
  options: WorkerOptions,
): Promise<RunningWorker> {
  const clock = await RedisClock.open(stores.redis);
  warnOfWrongClock(clock, log);
  const ending = new AbortController();
  const stopping = AbortSignal.any([signals.stopping, ending.signal]);
  // Every waiting row listens.
  setMaxListeners(0, stopping);
  const { halting } = signals;
  const signalsOf = { stopping, halting };
  // These come first because they refuse wrong settings; a prober that is already open would have to be closed.
  const kling = openKlingClient(settings);
  const services = createServices(settings, stores, signalsOf, log, options.runsSchedules);
  const { noticeService, reportService, scheduling } = services;
  const prober = await openProber(settings, options.searchPath);
  const meter = new WorkMeter();
  const noting = keepNoting({ ...stores, meter, now: Date.now }, log);
  const meters = { prober: meter.meterProbes(prober), kling: meter.meterCalls(kling), meter };
  const tools = { ...meters, log, ...signalsOf };
  const closeTools = () => closeInTurn(noticeService, reportService, noting, prober, kling);
  const worker = await WorkerProcess.start({
    context: contextOf(settings, stores, tools, clock),
    redis: stores.redis,
    keys: stores.keys,
    probeConcurrency: settings.PROBE_CONCURRENCY,
    beside: services.starts,
  }).catch(async (error: unknown) => {
    await closeTools();
    throw error;
  });
  void noteStart(stores, clock, log, options.version);
  const { notices } = noticeService;
  const database = await keepDatabaseOf(settings, stores, { notices, now: clock.now, log });
  const housekeeping = startHousekeeping(settings, stores, worker, clock, log);
  const upkeep = noticeService.keep(() => worker.isFirst(), reportService.reports);
  const schedules = scheduling?.keep();
  const connections = keepConnections(stores, halting, log);
  return {
    broken: connections.broken,
    tell: async () => {
      await upkeep.look();
      await noticeService.settle();
      return (await database?.settle(LONGEST_COPYING_MS)) ?? null;
    },
    trouble: () => worker.trouble,
    outage: () => worker.outage,
    [Symbol.asyncDispose]: async () => {
      schedules?.[Symbol.dispose]();
      await database?.[Symbol.asyncDispose]();
      upkeep[Symbol.dispose]();
      housekeeping[Symbol.dispose]();
      // Rows that wait at a closed gate would keep the process alive.
      ending.abort();
      await worker[Symbol.asyncDispose]();
      connections[Symbol.dispose]();
      if (!worker.hasAbandoned) return await closeTools();
      // The other parts must write to Redis before they close. They would wait for Redis until `listenForStop` ends
      // the process.
      await closeInTurn(prober, kling);
    },
  };
}

/** Until `halting`: after that the worker closes the connections itself if Redis stays away. */
function keepConnections(stores: Stores, halting: AbortSignal, log: Logger): Reopening {
  const reopening = reopenEnded(stores.connections, log);
  logLostChannels(stores.gateStore, log);
  halting.addEventListener('abort', () => reopening[Symbol.dispose](), { once: true });
  return reopening;
}

/** A worker's other tasks, each with its own queue. */
function createServices(
  settings: Settings,
  stores: Stores,
  { stopping, halting }: Record<'stopping' | 'halting', AbortSignal>,
  log: Logger,
  runsSchedules: boolean,
) {
  const noticeService = createNoticeService(settings, stores, halting, log);
  const { notices } = noticeService;
  const reportService = createReportService(settings, stores, notices, halting, log);
  const { writer } = reportService;
  const scheduling = runsSchedules
    ? createScheduleService(settings, stores, { notices, writer }, stopping, log)
    : null;
  const all = [noticeService, reportService, ...(scheduling === null ? [] : [scheduling])];
  return { noticeService, reportService, scheduling, starts: all.map(({ start }) => start) };
}

/** For charts. A worker also works without it. */
async function noteStart(
  { timeline }: Stores,
  clock: RedisClock,
  log: Logger,
  version = '',
): Promise<void> {
  const what = `worker ${version} started on ${hostname()}`.replace('  ', ' ');
  await timeline
    .add({ atMs: clock.now(), kind: 'worker', what })
    .catch((error: unknown) => log.debug({ err: error }, 'activity not noted'));
}

function contextOf(
  settings: Settings,
  stores: Stores,
  tools: Pick<WorkerContext, 'prober' | 'kling' | 'meter' | 'log' | 'stopping' | 'halting'>,
  clock: RedisClock,
): WorkerContext {
  const { redis, keys, store, steering, queues, gateStore } = stores;
  const policy = gatePolicyOf(settings);
  return {
    ...tools,
    store,
    steering,
    renewals: new RedisSessionRenewals(redis, keys),
    shares: new RedisShares(redis, keys),
    aside: new RedisRowsAside(redis, keys),
    ledger: stores.ledger,
    probeMemory: new RedisProbeMemory(redis, keys),
    batchOptions: new BatchOptionsMemory(),
    queues,
    gateStore,
    gate: new GateKeeper({ store: gateStore, policy, random: Math.random, log: tools.log }),
    gatePolicy: policy,
    retryPolicy: retryPolicyOf(settings),
    rowDeadlineMs: settings.ROW_DEADLINE,
    dayEnds: createDayEnds(settings.SESSIONS_TIME_ZONE),
    trouble: new TroubleLog(tools.log),
    now: clock.now,
    random: Math.random,
  };
}

const openKlingClient = (settings: Settings): ReturnType<typeof createKlingClient> =>
  createKlingClient({
    baseUrl: settings.API_BASE_URL,
    authorizer: requireCredentials(settings),
    concurrency: settings.API_CONCURRENCY,
    timeoutMs: settings.API_TIMEOUT,
    proxy: findProxyOf(settings)(new URL(settings.API_BASE_URL)),
    sendTaskId: settings.SEND_TASK_ID,
  });

async function closeInTurn(...tools: AsyncDisposable[]): Promise<void> {
  for (const tool of tools) await tool[Symbol.asyncDispose]();
}

const retryPolicyOf = (settings: Settings): RetryPolicy => ({
  ...DEFAULT_RETRY_POLICY,
  maxAttempts: settings.MAX_ATTEMPTS,
  maxUnconfirmed: settings.MAX_UNCONFIRMED,
  backoffMs: settings.RETRY_PAUSE,
});

/** Clocks drift apart by some milliseconds in this time. */
const CLOCK_READ_MS = 60_000;
/** A larger difference means that the clock was never set. */
const LARGEST_DIFFERENCE_MS = 60_000;

/** Logs once what a wrong clock on this machine means: only BullMQ's delays use it, and they may end too early. */
function warnOfWrongClock({ machineAheadMs }: RedisClock, log: Logger): void {
  if (Math.abs(machineAheadMs) <= LARGEST_DIFFERENCE_MS) return;
  const consequence = 'pauses between attempts may be cut short; old batches are not deleted';
  log.warn({ aheadMs: machineAheadMs, consequence }, 'clock differs from redis');
}

/** The longest time from the end of its 5 minutes until an expiry is in the feed. */
const EXPIRIES_MS = 10_000;

/** Periodic work beside the rows. */
function startHousekeeping(
  settings: Settings,
  stores: Stores,
  worker: WorkerProcess,
  clock: RedisClock,
  log: Logger,
): Disposable {
  const { overview, steering, store, queues, redis, copyState, feed } = stores;
  const isLeader = (): Promise<boolean> => worker.isFirst();
  const retentionMs = settings.RETENTION;
  const clocks = { now: Date.now, redisNow: () => redisTimeMs(redis) };
  const copiedUntilMs = async (): Promise<number> =>
    settings.RESULTS_DATABASE_URL === undefined
      ? Number.POSITIVE_INFINITY
      : ((await copyState.read())?.currentAtMs ?? 0);
  const kept = { retentionMs, copiedUntilMs };
  const forgetting = keepForgetting({ overview, steering, queues, ...kept, ...clocks, log });
  const sweeping = keepSweeping({ overview, store, queues, isLeader, log });
  const gatePolicy = gatePolicyOf(settings);
  const renewing = keepRenewing({ ...stores, gatePolicy, isLeader, now: clock.now, log });
  const watching = keepWatchingGate({ ...stores, gatePolicy, isLeader, log });
  const bulkActions = keepBulkActions(stores, { now: clock.now, log });
  const announcing = every(EXPIRIES_MS, () => feed.announceExpired(clock.now()), {
    onError: (error) => log.error({ err: error }, 'expired sessions not announced'),
  });
  const correcting = every(CLOCK_READ_MS, () => clock.correct(), {
    onError: (error) => log.error({ err: error }, 'clock of redis not read'),
  });
  return {
    [Symbol.dispose]: () => {
      correcting[Symbol.dispose]();
      announcing[Symbol.dispose]();
      bulkActions[Symbol.dispose]();
      watching[Symbol.dispose]();
      renewing[Symbol.dispose]();
      sweeping[Symbol.dispose]();
      forgetting[Symbol.dispose]();
    },
  };
}
