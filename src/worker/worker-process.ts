import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Redis } from 'ioredis';
import { currentConcurrency } from '../lib/core/gate.ts';
import { type StageWorker, startStageWorker } from '../lib/queue/queues.ts';
import { isRedisTrouble } from '../lib/redis-trouble.ts';
import type { Keys } from '../lib/store/keys.ts';
import { HEARTBEAT_MS, sendHeartbeat, signOff, type WorkerInfo } from '../lib/worker-registry.ts';
import { Dispatcher } from './dispatch-batch.ts';
import { guardStage } from './guard-stage.ts';
import { openSession } from './open-session.ts';
import { probeRow } from './probe-row.ts';
import type { WorkerContext } from './worker-context.ts';

/** Batches looked at at once; a look takes milliseconds. */
const DISPATCH_CONCURRENCY = 4;

export interface WorkerProcessOptions {
  context: WorkerContext;
  redis: Redis;
  keys: Keys;
  /** Videos probed at once by this process. `PROBE_CONCURRENCY`, default 16. */
  probeConcurrency: number;
}

/** The three stages at work. Disposing stops taking rows and waits for the running ones. */
export class WorkerProcess implements AsyncDisposable {
  readonly #options: WorkerProcessOptions;
  readonly #stages: StageWorker[];
  readonly #calls: StageWorker;
  readonly #info: WorkerInfo;
  readonly #stopWatchingGate: () => void;
  readonly #heartbeat: NodeJS.Timeout;
  #isRedisLost = false;

  constructor(options: WorkerProcessOptions) {
    this.#options = options;
    const { context, redis, keys } = options;
    const common = { connection: redis, keys, onError: (error: Error) => this.#onError(error) };
    const dispatcher = new Dispatcher(context);
    this.#calls = startStageWorker({
      ...common,
      stage: 'init-selection',
      concurrency: context.gatePolicy.concurrency,
      handle: guardStage(context, openSession),
    });
    this.#stages = [
      startStageWorker({
        ...common,
        stage: 'dispatch',
        concurrency: DISPATCH_CONCURRENCY,
        handle: (job) => dispatcher.dispatch(job),
      }),
      startStageWorker({
        ...common,
        stage: 'probe',
        concurrency: options.probeConcurrency,
        handle: guardStage(context, probeRow),
      }),
      this.#calls,
    ];
    this.#info = {
      id: randomUUID(),
      host: hostname(),
      pid: process.pid,
      startedAtMs: context.now(),
    };
    this.#stopWatchingGate = context.gateStore.onChange(() => this.#beat());
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#beat();
  }

  /** Says that this process lives, and brings the engine's concurrency in line with the gate's. */
  #beat(): void {
    const { redis, keys } = this.#options;
    Promise.all([sendHeartbeat(redis, keys, this.#info), this.#applyConcurrency()]).then(
      () => this.#onRedisBack(),
      (error: unknown) => this.#onError(error),
    );
  }

  async #applyConcurrency(): Promise<void> {
    const { gateStore, gatePolicy, queues } = this.#options.context;
    const { gate } = await gateStore.read();
    const calls = currentConcurrency(gate, gatePolicy);
    await queues.setCallConcurrency(calls);
    this.#calls.setConcurrency(calls);
  }

  /** Lost Redis is said once, not once per command. */
  #onError(error: unknown): void {
    const { log } = this.#options.context;
    if (!isRedisTrouble(error)) {
      log.error({ err: error }, 'engine error');
      return;
    }
    if (!this.#isRedisLost) log.warn({ err: error }, 'redis lost, waiting for it');
    this.#isRedisLost = true;
  }

  #onRedisBack(): void {
    if (this.#isRedisLost) this.#options.context.log.info('redis is back');
    this.#isRedisLost = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#heartbeat);
    this.#stopWatchingGate();
    await Promise.all(this.#stages.map((stage) => stage.stop()));
    const { redis, keys } = this.#options;
    await signOff(redis, keys, this.#info).catch(() => undefined);
  }
}
