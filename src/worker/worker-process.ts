import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { hostname } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { currentConcurrency, rowsAtGate, strictest } from '../lib/core/gate/gate.ts';
import {
  NO_LOCAL_LIMIT,
  type QueueWorker,
  startQueueWorker,
  type WorkerConnection,
} from '../lib/queue/queue-worker.ts';
import type { Keys } from '../lib/store/keys.ts';
import {
  HEARTBEAT_MS,
  listWorkers,
  reportRefusal,
  sendHeartbeat,
  signOff,
  type WorkerInfo,
} from '../lib/store/redis/worker-registry.ts';
import { Dispatcher } from './stages/dispatch-batch.ts';
import { openSession } from './stages/open-session.ts';
import { probeRow } from './stages/probe-row.ts';
import { AsideCounter } from './stages/probing/aside-counter.ts';
import { probeInLanes } from './stages/probing/probe-in-lanes.ts';
import { ProbeLanes } from './stages/probing/probe-lanes.ts';
import { SuspectLane } from './stages/probing/suspect-lane.ts';
import { endAfterRepeatedFaults } from './stages/work/end-after-repeated-faults.ts';
import { warnIfSlow } from './upkeep/warn-if-slow.ts';
import type { WorkerContext } from './worker-context.ts';

/** Batches that are dispatched at once; one look takes milliseconds. */
const DISPATCH_CONCURRENCY = 4;
/** A heartbeat that takes longer means that Redis is lost. */
const SILENCE_MS = 5_000;
const NO_ANSWER = `Command timed out: no answer within ${SILENCE_MS / 1_000} s`;
/** How long this process may take to return its rows after `halting`; without Redis it would wait for ever. */
const GIVING_BACK_MS = 3_000;

export interface WorkerProcessOptions {
  context: WorkerContext;
  redis: Redis;
  keys: Keys;
  /** Videos that this process probes at once, plus as many again that are slow. `PROBE_CONCURRENCY`, default 32. */
  probeConcurrency: number;
  /** Workers of further queues. They are stopped and abandoned with the stages. */
  beside?: readonly ((connection: WorkerConnection) => QueueWorker)[];
}

/** The three running stages. Disposing stops taking rows and waits for the current ones. */
export class WorkerProcess implements AsyncDisposable {
  readonly #options: WorkerProcessOptions;
  readonly #info: WorkerInfo;
  #stages: QueueWorker[] = [];
  #aside: AsideCounter | undefined;
  #stopWatchingGate: () => void = () => undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #isBeatDue = false;
  #isBeating = false;
  #appliedCalls = Number.POSITIVE_INFINITY;
  #hasAbandoned = false;

  private constructor(options: WorkerProcessOptions) {
    this.#options = options;
    const { concurrency, ratePerSecond, sessionsPerDay } = options.context.gatePolicy;
    this.#info = {
      id: randomUUID(),
      host: hostname(),
      pid: process.pid,
      startedAtMs: options.context.now(),
      limits: { concurrency, ratePerSecond, sessionsPerDay },
    };
  }

  /** Resolves when the worker takes rows, which is only after the limits apply to this process, too. */
  static async start(options: WorkerProcessOptions): Promise<WorkerProcess> {
    const worker = new WorkerProcess(options);
    try {
      await worker.#begin();
    } catch (error) {
      await worker[Symbol.asyncDispose]();
      throw error;
    }
    return worker;
  }

  async #begin(): Promise<void> {
    await this.#sayAlive();
    await this.#applyConcurrency();
    this.#startStages();
    const { gateStore } = this.#options.context;
    this.#stopWatchingGate = gateStore.onChange(() => this.#beat());
    await gateStore.announce();
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
  }

  #startStages(): void {
    const { context, redis, keys, probeConcurrency, beside = [] } = this.#options;
    const common = {
      connection: redis,
      keys,
      onError: (error: Error) => this.#options.context.trouble.report(error),
      now: context.now,
    };
    const dispatcher = new Dispatcher(context);
    const suspects = new SuspectLane();
    this.#aside = new AsideCounter({ rowsAside: context.aside, workerId: this.#info.id });
    const places = { lanes: new ProbeLanes(probeConcurrency), aside: this.#aside };
    const probe = endAfterRepeatedFaults(context, (stage, job) => probeRow(stage, job, suspects));
    this.#stages = [
      startQueueWorker({
        ...common,
        queue: 'dispatch',
        concurrency: DISPATCH_CONCURRENCY,
        handle: (job) => dispatcher.dispatch(job),
      }),
      startQueueWorker({
        ...common,
        queue: 'probe',
        concurrency: ProbeLanes.workAtOnce(probeConcurrency),
        handle: (job) => probeInLanes(places, job, () => probe(job)),
      }),
      startQueueWorker({
        ...common,
        queue: 'init-selection',
        concurrency: NO_LOCAL_LIMIT,
        handle: endAfterRepeatedFaults(context, openSession),
      }),
      ...beside.map((start) => start(common)),
    ];
  }

  /** Whether this worker is the leader, which does the work that only one worker should do. */
  async isFirst(): Promise<boolean> {
    const workers = await listWorkers(this.#options.redis, this.#options.keys);
    return workers.map(({ id }) => id).toSorted()[0] === this.#info.id;
  }

  /** Every few seconds, and when the gate changes or a worker joins. */
  #beat(): void {
    // One at a time, so that the value read last is also the value set last. After an outage of Redis, one update
    // follows.
    this.#isBeatDue = true;
    if (!this.#isBeating) void this.#beatWhileDue();
  }

  async #beatWhileDue(): Promise<void> {
    this.#isBeating = true;
    while (this.#isBeatDue) {
      this.#isBeatDue = false;
      const beat = this.#sayAlive().then(() => this.#applyConcurrency());
      // A hanging Redis gives no error; only the missing answer shows it.
      const missed = () => this.#options.context.trouble.report(new Error(NO_ANSWER));
      await warnIfSlow(beat, SILENCE_MS, missed).then(
        () => this.#options.context.trouble.settle(),
        (error: unknown) => this.#options.context.trouble.report(error),
      );
      await this.#sayRefused();
    }
    this.#isBeating = false;
  }

  /** Stores a heartbeat of this process, and reads the limits of the other workers. */
  async #sayAlive(): Promise<void> {
    const { redis, keys, context } = this.#options;
    await sendHeartbeat(redis, keys, this.#info);
    const workers = await listWorkers(redis, keys);
    const limits = strictest([this.#info, ...workers].map((worker) => worker.limits));
    if (limits !== null) context.gate.followLimits(limits);
  }

  /** Otherwise a worker that may send no heartbeat would be taken for one that does not run. */
  async #sayRefused(): Promise<void> {
    const { redis, keys, context } = this.#options;
    const right = context.trouble.missingRight;
    if (right !== null) await reportRefusal(redis, keys, this.#info, right).catch(() => undefined);
  }

  async #applyConcurrency(): Promise<void> {
    const { gateStore, gate: keeper, queues } = this.#options.context;
    const { gate } = await gateStore.read();
    const calls = currentConcurrency(gate, keeper.policy);
    await queues.setRowsInHand(rowsAtGate(calls));
    if (calls < this.#appliedCalls) keeper.recall();
    this.#appliedCalls = calls;
  }

  /** Why the worker waits for Redis, in the words of Redis; null when it does not. */
  get trouble(): string | null {
    return this.#options.context.trouble.reason;
  }

  /** As `trouble`, and until Redis has answered without trouble for some seconds. */
  get outage(): string | null {
    return this.#options.context.trouble.outage;
  }

  /** Whether the process had to leave without confirmation from Redis that everything was returned. */
  get hasAbandoned(): boolean {
    return this.#hasAbandoned;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { redis, keys, context } = this.#options;
    clearInterval(this.#heartbeat);
    this.#aside?.[Symbol.dispose]();
    this.#stopWatchingGate();
    const stopped = Promise.all(this.#stages.map((stage) => stage.stop()));
    this.#hasAbandoned = !(await isInTime(stopped, context.halting));
    if (this.#hasAbandoned) {
      context.log.warn('stopped without redis, rows in hand come back by themselves');
      for (const stage of this.#stages) stage.abandon();
      redis.disconnect();
      return;
    }
    await signOff(redis, keys, this.#info).catch(() => undefined);
  }
}

/** False if it has not finished some seconds after `halting`. */
async function isInTime(work: Promise<unknown>, halting: AbortSignal): Promise<boolean> {
  const done = new AbortController();
  const tooLate = async (): Promise<boolean> => {
    const signal = done.signal;
    if (!halting.aborted) await once(halting, 'abort', { signal });
    await wait(GIVING_BACK_MS, undefined, { signal });
    return false;
  };
  try {
    return await Promise.race([work.then(() => true), tooLate()]);
  } finally {
    done.abort();
  }
}
