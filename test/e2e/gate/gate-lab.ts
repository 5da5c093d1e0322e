import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { type Batch, countPending, type FailureLimit } from '../../../src/lib/core/batch/batch.ts';
import { chunkOfRow } from '../../../src/lib/core/batch/chunk.ts';
import type { Gate } from '../../../src/lib/core/gate/gate.ts';
import type { Outcome } from '../../../src/lib/core/row/outcome.ts';
import { openStores, type Stores } from '../../../src/library/wiring/stores.ts';
import { importBatch } from '../../../src/producer/import-batch.ts';
import { openManifest } from '../../../src/producer/manifest/open-manifest.ts';
import {
  type Sandbox,
  type SandboxOptions,
  startSandbox,
} from '../../../src/sandbox/start-sandbox.ts';
import { IMPORT_OPTIONS } from '../../setup/examples/import-options.ts';
import { type PrivateRedis, startPrivateRedis } from '../../setup/redis/private-redis.ts';
import { spawnProgram, WorkerHandle } from './worker-handle.ts';

const POLL_MS = 20;
const KEY = 'sandbox-key';
/** The id of row 1; the others count up from it. */
const FIRST_VIDEO_ID = 700_000_000_000_000_001n;

/** The source of a row in a lab's manifest, by which the practice API's ledger names it. */
export const videoIdOfRow = (row: number): string => String(FIRST_VIDEO_ID + BigInt(row - 1));

/** The gate after a change. */
export interface GateSighting {
  atMs: number;
  gate: Gate;
}

/** Looks until `look` finds something; throws after `limitMs`. */
export async function until<T>(
  what: string,
  limitMs: number,
  look: () => Promise<T | undefined | null | false> | T | undefined | null | false,
): Promise<T> {
  const deadlineMs = Date.now() + limitMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadlineMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await wait(POLL_MS);
  }
}

/** A private Redis, practice API and folder, for processes of the built program. */
export class GateLab implements AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly stores: Stores;
  readonly workers: WorkerHandle[] = [];
  /** Every change of the gate that waiting calls were notified of, oldest first. */
  readonly sightings: GateSighting[] = [];
  readonly #redis: PrivateRedis;
  readonly #folder: string;
  readonly #settings: Record<string, string>;

  private constructor(
    redis: PrivateRedis,
    sandbox: Sandbox,
    stores: Stores,
    folder: string,
    settings: Record<string, string>,
  ) {
    this.#redis = redis;
    this.sandbox = sandbox;
    this.stores = stores;
    this.#folder = folder;
    this.#settings = settings;
    stores.gateStore.onChange(() => this.#look());
  }

  /** `settings`: the environment of every process that the lab starts. */
  static async open(
    settings: Record<string, string>,
    sandboxOptions: SandboxOptions = {},
  ): Promise<GateLab> {
    const redis = await startPrivateRedis();
    const sandbox = await startSandbox({ port: 0, validate: false, ...sandboxOptions });
    const stores = await openStores(
      { REDIS_URL: redis.url },
      { name: 'gate-lab', patience: 'impatient' },
    );
    const folder = await mkdtemp(join(tmpdir(), 'kling-gate-'));
    return new GateLab(redis, sandbox, stores, folder, {
      REDIS_URL: redis.url,
      API_BASE_URL: sandbox.apiBaseUrl,
      COMETAPI_KEY: KEY,
      LOG_LEVEL: 'debug',
      ...settings,
    });
  }

  #look(): void {
    this.stores.gateStore.read().then(
      ({ gate, nowMs }) => this.sightings.push({ atMs: nowMs, gate }),
      () => undefined,
    );
  }

  /** Starts worker processes and resolves when all of them take rows. */
  async startWorkers(
    count: number,
    settings: Record<string, string> = {},
  ): Promise<WorkerHandle[]> {
    const started = Array.from(
      { length: count },
      () => new WorkerHandle(this.#folder, { ...this.#settings, ...settings }),
    );
    this.workers.push(...started);
    await until('workers started', 60_000, () => {
      const dead = started.find((worker) => worker.hasExited);
      if (dead) throw new Error(`worker ended: ${JSON.stringify(dead.log)}`);
      return started.every((worker) => worker.said('worker started') > 0);
    });
    return started;
  }

  /** Runs a command of the built program to its end. */
  async run(
    args: string[],
    settings: Record<string, string> = {},
  ): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = spawnProgram(args, this.#folder, { ...this.#settings, ...settings });
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close'),
    ]);
    return { code: child.exitCode, stdout, stderr };
  }

  /** A manifest of id pairs, which need no probing. Returns its path. */
  async writeManifest(rows: number): Promise<string> {
    const lines = Array.from(
      { length: rows },
      (_, index) => `${videoIdOfRow(index + 1)},${800_000_000_000_000_001n + BigInt(index)}`,
    );
    const path = join(this.#folder, 'rows.csv');
    await writeFile(path, `video_id,task_id\n${lines.join('\n')}\n`);
    return path;
  }

  /** Imports a manifest of so many rows. Returns the batch's id. */
  async import(
    rows: number,
    maxFailures: FailureLimit = { kind: 'share', percent: 50 },
  ): Promise<string> {
    const signal = new AbortController().signal;
    await using manifest = await openManifest(await this.writeManifest(rows), {
      mapping: {},
      signal,
    });
    const context = { ...this.stores, now: Date.now, signal };
    const result = await importBatch(context, manifest, { ...IMPORT_OPTIONS, maxFailures });
    if (result.kind !== 'imported') throw new Error(result.kind);
    return result.batch.id;
  }

  async batch(batchId: string): Promise<Batch> {
    const batch = await this.stores.store.readBatch(batchId);
    if (batch === null) throw new Error(`no batch ${batchId}`);
    return batch;
  }

  /** Waits until every row has its outcome. */
  async untilEnded(batchId: string, limitMs: number): Promise<Batch> {
    try {
      return await until('every row has its outcome', limitMs, async () => {
        const batch = await this.batch(batchId);
        return countPending(batch.counts) === 0 && batch;
      });
    } catch (error) {
      const { gate } = await this.stores.gateStore.read();
      const { counts, state } = await this.batch(batchId);
      throw new Error(JSON.stringify({ state, counts, gate }), { cause: error });
    }
  }

  /** Every row's outcome, by row. */
  async outcomes(batch: Batch): Promise<Map<number, Outcome>> {
    const all = new Map<number, Outcome>();
    for (let chunk = 0; chunk <= chunkOfRow(batch.rows); chunk += 1) {
      const some = await this.stores.store.readOutcomes(batch.id, chunk);
      for (const [row, outcome] of some) all.set(row, outcome);
    }
    return all;
  }

  /** How often a message occurs in the logs of all workers together. */
  said(message: string): number {
    return this.workers.reduce((sum, worker) => sum + worker.said(message), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.end('SIGKILL')));
    await this.stores[Symbol.asyncDispose]();
    await this.sandbox.close();
    await this.#redis[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
