import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { setTimeout as wait } from 'node:timers/promises';
import { listWorkers } from '../../../src/lib/store/redis/worker-registry.ts';
import { openStores, type Stores } from '../../../src/library/wiring/stores.ts';
import { type BenchRedis, startBenchRedis } from '../bench-redis.ts';
import { cpuTimeOf } from '../cpu-time.ts';
import { type FastApi, startFastApi } from '../rows/fast-api.ts';
import { memoryPeakOf, type RunningProgram, startWorkerProcess } from '../run-program.ts';

const CALLS_AT_ONCE = 200;
const LATENCY_MS = 5;
const LOOK_MS = 100;

/** One Redis, an API that costs nothing, and worker processes. */
export interface Site extends AsyncDisposable {
  redis: BenchRedis;
  api: FastApi;
  stores: Stores;
  /** For commands and workers. */
  environment: Record<string, string>;
  /** Resolves when all of them are known to Redis, and so have loaded the program. */
  startWorkers(count: number): Promise<void>;
  look(): Promise<Look>;
  /** Memory of the worker processes together: at most so far, and now, in MB. */
  memory(): { peakMb: number; nowMb: number };
}

/** What everybody has used since its start, CPU time in s. */
export interface Look {
  atMs: number;
  rows: number;
  workersS: number;
  redisS: number;
  apiS: number;
  /** How long the cores of this machine had nothing to do, together. */
  idleS: number;
}

export async function openSite(): Promise<Site> {
  const redis = await startBenchRedis();
  const api = await startFastApi(LATENCY_MS);
  const environment = {
    REDIS_URL: redis.url,
    COMETAPI_KEY: 'bench',
    API_BASE_URL: api.baseUrl,
    API_CONCURRENCY: String(CALLS_AT_ONCE),
  };
  const stores = await openStores(environment, { name: 'bench', patience: 'patient' });
  const workers: RunningProgram[] = [];
  return {
    ...{ redis, api, stores, environment },
    startWorkers: async (count) => {
      for (let index = 0; index < count; index += 1) workers.push(startWorkerProcess(environment));
      while ((await listWorkers(stores.redis, stores.keys)).length < count) await wait(LOOK_MS);
    },
    look: async () => ({
      rows: await api.count(),
      workersS: sum(workers, ({ pid }) => cpuTimeOf(pid)?.own ?? Number.NaN),
      redisS: await redis.cpuTimeS(),
      apiS: api.cpuTimeS(),
      idleS: sum(cpus(), ({ times }) => times.idle) / 1_000,
      atMs: performance.now(),
    }),
    memory: () => ({
      peakMb: sum(workers, ({ pid }) => memoryPeakOf(pid)),
      nowMb: sum(workers, ({ pid }) => memoryOf(pid)),
    }),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
      await stores[Symbol.asyncDispose]();
      api[Symbol.dispose]();
      await redis[Symbol.asyncDispose]();
    },
  };
}

const sum = <T>(all: readonly T[], read: (one: T) => number): number =>
  all.reduce((total, one) => total + read(one), 0);

/** In MB. Linux only. */
function memoryOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1_024);
}

/** What a row took between two looks. */
export interface Rate {
  rowsPerS: number;
  /** CPU time of a row, in ms. */
  workersMs: number;
  redisMs: number;
  apiMs: number;
  /** How much of one core Redis used, how many cores all of them used, and how many were idle. */
  redisCores: number;
  cores: number;
  idleCores: number;
}

export function rateBetween(before: Look, after: Look): Rate {
  const rows = after.rows - before.rows;
  const wallS = (after.atMs - before.atMs) / 1_000;
  const used = (part: 'workersS' | 'redisS' | 'apiS'): number => after[part] - before[part];
  return {
    rowsPerS: rows / wallS,
    workersMs: (used('workersS') * 1_000) / rows,
    redisMs: (used('redisS') * 1_000) / rows,
    apiMs: (used('apiS') * 1_000) / rows,
    redisCores: used('redisS') / wallS,
    idleCores: (after.idleS - before.idleS) / wallS,
    cores: (used('workersS') + used('redisS') + used('apiS')) / wallS,
  };
}
