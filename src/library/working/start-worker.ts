import { setMaxListeners } from 'node:events';
import type { Settings } from '../../lib/settings/settings.ts';
import { abortable } from '../connection/abortable.ts';
import { parseSettings } from '../settings/parse-settings.ts';
import type { SettingsInput } from '../settings/settings-input.ts';
import { requireCredentials } from '../wiring/credentials.ts';
import { openStores, type Stores } from '../wiring/stores.ts';
import { type RunningWorker, startWorker as startRuntime } from '../wiring/worker-runtime.ts';
import type { Log } from './log.ts';
import { toLogger } from './to-logger.ts';

export interface WorkerOptions {
  /** Address of Redis. Default `REDIS_URL` of the settings, else the server on this machine. */
  redis?: string;
  /** At least the API key. */
  settings: SettingsInput;
  /** Default nothing is logged. */
  log?: Log;
  /** Also start scheduled runs, and read their tables on this machine. Default false. */
  runsSchedules?: boolean;
  /** Folders to search for ffprobe, as in `PATH`, if the package has none for this system. Default none. */
  searchPath?: string;
  /** When it is aborted the worker stops, as with `stop()`. */
  signal?: AbortSignal;
}

/** A worker in this process. `await using` stops it at the end of its block. */
export interface Worker extends AsyncDisposable {
  /**
   * Takes no new rows, waits for those under way, and closes the connections. Rows that are not done after `graceMs`
   * go back to the queue; default `SHUTDOWN_GRACE`. May be called again, but only to shorten that time.
   */
  stop(options?: { graceMs?: number }): Promise<void>;
  /**
   * Resolves when the worker has stopped, whatever stopped it. It stops itself only if its connection to Redis ended
   * for good, which ioredis does by a fault; then start another one.
   */
  readonly stopped: Promise<void>;
}

/**
 * Starts a worker in this process. It takes rows of all batches and shares the limits with the workers of other
 * processes. Resolves when it takes rows.
 * @throws SettingsError, also when the key of the API or ffprobe is missing; RedisError; the signal's reason.
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { signal } = options;
  const starting = WorkerHere.start(options);
  try {
    const worker = await abortable(signal, () => starting);
    signal?.addEventListener('abort', () => void worker.stop(), { once: true });
    return worker;
  } catch (error) {
    // Stop a worker that starts after the abort: no caller ever gets it.
    starting.then((worker) => worker.stop({ graceMs: 0 })).catch(() => undefined);
    throw error;
  }
}

/** Owns the connections of its runtime. */
class WorkerHere implements Worker {
  readonly #stores: Stores;
  readonly #runtime: RunningWorker;
  readonly #stages: Stages;
  readonly #graceMs: number;
  readonly stopped: Promise<void>;
  #close: () => void = () => undefined;
  #grace: NodeJS.Timeout | undefined;
  #graceUntilMs = Number.POSITIVE_INFINITY;
  #isClosed = false;

  private constructor(stores: Stores, runtime: RunningWorker, stages: Stages, graceMs: number) {
    this.#stores = stores;
    this.#runtime = runtime;
    this.#stages = stages;
    this.#graceMs = graceMs;
    const asked = new Promise<void>((resolve) => {
      this.#close = resolve;
    });
    this.stopped = asked.then(() => this.#closeAll());
    // A caller that awaits it gets the error.
    this.stopped.catch(() => undefined);
    runtime.broken.addEventListener('abort', () => void this.stop(), { once: true });
  }

  static async start(options: WorkerOptions): Promise<WorkerHere> {
    const settings = parseSettings(options.settings, options.redis);
    requireCredentials(settings);
    const stores = await openStores(settings, {
      name: 'kling-sessions-worker',
      patience: 'patient',
    });
    const stages = new Stages();
    try {
      const runtime = await startRuntimeOf(settings, stores, stages, options);
      return new WorkerHere(stores, runtime, stages, settings.SHUTDOWN_GRACE);
    } catch (error) {
      await stores[Symbol.asyncDispose]();
      throw error;
    }
  }

  stop({ graceMs = this.#graceMs }: { graceMs?: number } = {}): Promise<void> {
    this.#stages.stop.abort();
    this.#close();
    const untilMs = performance.now() + graceMs;
    if (untilMs < this.#graceUntilMs && !this.#isClosed) {
      this.#graceUntilMs = untilMs;
      clearTimeout(this.#grace);
      this.#grace = setTimeout(() => this.#stages.halt.abort(), graceMs);
    }
    return this.stopped;
  }

  async #closeAll(): Promise<void> {
    try {
      await this.#runtime[Symbol.asyncDispose]();
    } finally {
      this.#isClosed = true;
      clearTimeout(this.#grace);
      await this.#stores[Symbol.asyncDispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** The two stages of stopping. */
class Stages {
  readonly stop = new AbortController();
  readonly halt = new AbortController();

  constructor() {
    // Every row under way listens to both.
    setMaxListeners(0, this.stop.signal, this.halt.signal);
  }
}

async function startRuntimeOf(
  settings: Settings,
  stores: Stores,
  { stop, halt }: Stages,
  { log, runsSchedules = false, searchPath = '' }: WorkerOptions,
): Promise<RunningWorker> {
  const signals = { stopping: stop.signal, halting: halt.signal };
  return await startRuntime(settings, stores, signals, toLogger(log), {
    runsSchedules,
    searchPath,
  });
}
