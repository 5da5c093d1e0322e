import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { onTestFinished, vi } from 'vitest';
import { verifyBatch } from '../../../src/lib/batch/verify-batch.ts';
import type { Act } from '../../../src/lib/core/act.ts';
import type { OpenedSession } from '../../../src/lib/core/answer/api-failure.ts';
import { type Batch, countEnded } from '../../../src/lib/core/batch/batch.ts';
import { createDayEnds } from '../../../src/lib/core/budget/session-day.ts';
import type { Gate } from '../../../src/lib/core/gate/gate.ts';
import type { Source } from '../../../src/lib/core/manifest/source.ts';
import { DEFAULT_RETRY_POLICY } from '../../../src/lib/core/row/decide-next-step.ts';
import { RedisGateStore } from '../../../src/lib/gate/redis-gate-store.ts';
import type { GateSteering } from '../../../src/lib/gate/steer-gate.ts';
import type { CallResult, KlingClient } from '../../../src/lib/kling/kling-client.ts';
import { Queues } from '../../../src/lib/queue/queues.ts';
import { duplicateConnection } from '../../../src/lib/redis/connection.ts';
import type { CallBudget } from '../../../src/lib/store/batch-store.ts';
import { createKeys, type Keys } from '../../../src/lib/store/keys.ts';
import { AuditLog } from '../../../src/lib/store/redis/audit-log.ts';
import { RedisKeyIndex } from '../../../src/lib/store/redis/indexes/redis-key-index.ts';
import { RedisBatchOverview } from '../../../src/lib/store/redis/redis-batch-overview.ts';
import { RedisBatchRepair } from '../../../src/lib/store/redis/redis-batch-repair.ts';
import { RedisBatchSteering } from '../../../src/lib/store/redis/redis-batch-steering.ts';
import { RedisBatchStore } from '../../../src/lib/store/redis/redis-batch-store.ts';
import { RedisLedger } from '../../../src/lib/store/redis/redis-ledger.ts';
import { RedisProbeMemory } from '../../../src/lib/store/redis/redis-probe-memory.ts';
import { RedisRowsAside } from '../../../src/lib/store/redis/redis-rows-aside.ts';
import { RedisShares } from '../../../src/lib/store/redis/redis-shares.ts';
import { RedisSessionRenewals } from '../../../src/lib/store/redis/renewing/redis-session-renewals.ts';
import { redisTimeMs } from '../../../src/lib/store/redis/worker-registry.ts';
import type { ProbeResult, Prober } from '../../../src/lib/video/prober.ts';
import { importBatch } from '../../../src/producer/import-batch.ts';
import type { ImportOptions } from '../../../src/producer/import-options.ts';
import { GateKeeper } from '../../../src/worker/gate/gate-keeper.ts';
import { BatchOptionsMemory } from '../../../src/worker/stages/work/batch-options-memory.ts';
import { TroubleLog } from '../../../src/worker/upkeep/trouble-log.ts';
import { WorkMeter } from '../../../src/worker/upkeep/work-meter.ts';
import type { WorkerContext } from '../../../src/worker/worker-context.ts';
import { WorkerProcess } from '../../../src/worker/worker-process.ts';
import { IMPORT_OPTIONS } from '../../setup/examples/import-options.ts';
import { removeKeys, testRedisUrl, uniquePrefix } from '../../setup/redis/redis.ts';
import { withManifest } from '../producer/producer-test.ts';

export const ACT: Act = { who: 'mia@desk', reason: null };

const VIDEO: ProbeResult = {
  kind: 'video',
  facts: {
    container: 'mp4',
    codec: 'h264',
    width: 1280,
    height: 720,
    fps: 30,
    isVariableFrameRate: false,
    durationS: 5,
    containerDurationS: 5,
    notes: [],
  },
  cost: { durationMs: 0, requests: 1, bytesRead: 0 },
};

/** A slow API that refuses the calls named in advance. */
class SlowApi implements KlingClient {
  latencyMs = 40;
  isRefusing: (source: Source) => boolean = () => false;
  calls = 0;
  details: OpenedSession['details'] = {};
  readonly #callsFor = new Map<string, number>();
  sessionOf = (nth: number): string => `session-${nth}`;

  callsFor(name: string): number {
    return this.#callsFor.get(name) ?? 0;
  }

  async initSelection(source: Source): Promise<CallResult> {
    this.calls += 1;
    const name = nameIn(source);
    this.#callsFor.set(name, this.callsFor(name) + 1);
    const sessionId = this.sessionOf(this.calls);
    const isRefused = this.isRefusing(source);
    await wait(this.latencyMs);
    const common = { requestId: null, durationMs: this.latencyMs };
    return isRefused
      ? {
          ok: false,
          durationMs: this.latencyMs,
          failure: {
            kind: 'refused',
            code: '1201',
            message: 'no such clip',
            httpStatus: 400,
            retryAfterMs: null,
            requestId: null,
          },
        }
      : {
          ok: true,
          session: { sessionId, details: this.details, requestId: null, httpStatus: 200 },
          ...common,
        };
  }
}

/** The name in the addresses of `Workshop.import`. */
const nameIn = (source: Source): string =>
  source.kind === 'url' ? (source.videoUrl.split('/').at(-2) ?? '') : '';

/** For calls that no limit of a day concerns. */
export const NO_LIMIT: CallBudget = { perDay: 0, dayEnds: createDayEnds('UTC')(Date.now()) };

const prober: Prober = { probe: async () => VIDEO };

/** The real stages with a real Redis; only the videos and the API are simulated. */
export class Workshop {
  readonly api = new SlowApi();
  readonly redis: Redis;
  readonly store: RedisBatchStore;
  readonly steering: RedisBatchSteering;
  readonly overview: RedisBatchOverview;
  readonly queues: Queues;
  readonly now = Date.now;
  readonly machineZone = (): string => 'UTC';
  readonly day = null;
  readonly context: WorkerContext;
  readonly keys: Keys;

  private constructor(
    redis: Redis,
    prefix: string,
    gateStore: RedisGateStore,
    limits: { concurrency: number; sessionsPerDay: number },
  ) {
    const keys = createKeys(prefix);
    this.redis = redis;
    this.keys = keys;
    this.store = new RedisBatchStore(redis, keys);
    this.steering = new RedisBatchSteering(redis, keys);
    this.overview = new RedisBatchOverview(redis, keys, this.store);
    this.queues = new Queues(redis, keys);
    const log = pino({ enabled: false });
    const endMs = Date.now() + 12 * 3_600_000;
    const dayEnds = [endMs, 2 * endMs] as const;
    const gatePolicy = {
      ...limits,
      ratePerSecond: 0,
      throttlePauseMs: 1_000,
      blockedPauseMs: 1_000,
      throttleLimitMs: 60_000,
    };
    const stopping = new AbortController().signal;
    setMaxListeners(0, stopping);
    this.context = {
      store: this.store,
      steering: this.steering,
      renewals: new RedisSessionRenewals(redis, keys),
      shares: new RedisShares(redis, keys),
      aside: new RedisRowsAside(redis, keys),
      ledger: new RedisLedger(redis, keys, this.store),
      probeMemory: new RedisProbeMemory(redis, keys),
      batchOptions: new BatchOptionsMemory(),
      queues: this.queues,
      gateStore,
      gate: new GateKeeper({ store: gateStore, policy: gatePolicy, random: Math.random, log }),
      prober,
      kling: this.api,
      meter: new WorkMeter(),
      gatePolicy,
      retryPolicy: DEFAULT_RETRY_POLICY,
      rowDeadlineMs: 60_000,
      // No test sees the end of a day, unless it makes one.
      dayEnds: () => dayEnds,
      trouble: new TroubleLog(log),
      now: Date.now,
      random: Math.random,
      log,
      stopping,
      halting: new AbortController().signal,
    };
  }

  /** `concurrency`: calls that the API takes at once. `sessionsPerDay`: 0 is no limit. */
  static async open({ concurrency = 20, sessionsPerDay = 0 } = {}): Promise<Workshop> {
    const prefix = uniquePrefix();
    const redis = new Redis(testRedisUrl(), { maxRetriesPerRequest: null });
    const subscriber = duplicateConnection(redis, 'gate');
    const gateStore = await RedisGateStore.open(redis, subscriber, createKeys(prefix));
    const workshop = new Workshop(redis, prefix, gateStore, { concurrency, sessionsPerDay });
    onTestFinished(async () => {
      await workshop.queues[Symbol.asyncDispose]();
      subscriber.disconnect();
      redis.disconnect();
      await removeKeys(prefix);
    });
    return workshop;
  }

  async startWorker(): Promise<WorkerProcess> {
    const options = { context: this.context, redis: this.redis, keys: this.keys };
    return await WorkerProcess.start({ ...options, probeConcurrency: 16 });
  }

  /** Imports a batch with this many videos, whose addresses name the batch by default. */
  async import(
    batchId: string,
    rows: number,
    options: Partial<ImportOptions> = {},
    name = batchId,
  ): Promise<void> {
    const urls = Array.from({ length: rows }, (_, i) => `https://v.example/${name}/${i + 1}.mp4`);
    await this.importText(batchId, urls.join('\n'), options);
  }

  async importText(
    batchId: string,
    text: string,
    options: Partial<ImportOptions> = {},
  ): Promise<void> {
    const context = {
      store: this.store,
      repair: new RedisBatchRepair(this.redis, this.keys),
      steering: this.steering,
      keyIndex: new RedisKeyIndex(this.redis, this.keys),
      queues: this.queues,
      now: Date.now,
      signal: new AbortController().signal,
    };
    await withManifest(text, (manifest) =>
      importBatch(context, manifest, { ...IMPORT_OPTIONS, batchId, ...options }),
    );
  }

  async batch(id: string): Promise<Batch> {
    const batch = await this.store.readBatch(id);
    if (batch === null) throw new Error(`no batch ${id}`);
    return batch;
  }

  async ended(id: string): Promise<number> {
    return countEnded((await this.batch(id)).counts);
  }

  /** Looks until the batch is as wished, at most 20 s; returns it as it was then. */
  async until(id: string, isSo: (batch: Batch) => boolean): Promise<Batch> {
    return await vi.waitFor(
      async () => {
        const batch = await this.batch(id);
        if (!isSo(batch)) throw new Error(`${id} is ${batch.state}: ${JSON.stringify(batch)}`);
        return batch;
      },
      { timeout: 20_000, interval: 20 },
    );
  }

  /** Checks until the gate is as expected, at most 20 s. */
  async untilGate(isSo: (gate: Gate) => boolean): Promise<void> {
    await vi.waitFor(
      async () => {
        const { gate } = await this.context.gateStore.read();
        if (!isSo(gate)) throw new Error(`the gate is ${JSON.stringify(gate)}`);
      },
      { timeout: 20_000, interval: 20 },
    );
  }

  get gateSteering(): GateSteering {
    const { gateStore, now } = this.context;
    return { gateStore, audit: new AuditLog(this.redis, this.keys), now };
  }

  async sessionsToday(): Promise<number> {
    return (await this.overview.readSessionsToday(await this.redisNow())).used;
  }

  /** Moves the clock past midnight. */
  async endDay(): Promise<void> {
    await this.redis.hset(this.keys.sessionsToday, 'endsMs', (await this.redisNow()) - 1);
    await this.context.gateStore.update(({ gate, nowMs }) => ({
      gate: { ...gate, untilMs: nowMs },
      result: undefined,
    }));
  }

  redisNow(): Promise<number> {
    return redisTimeMs(this.redis);
  }

  async problems(id: string): Promise<string[]> {
    return (await verifyBatch(this.store, await this.batch(id))).problems;
  }
}

export const isCompleted = ({ state }: Batch): boolean => state === 'completed';
export const hasEnded =
  (rows: number) =>
  ({ counts }: Batch): boolean =>
    countEnded(counts) >= rows;
