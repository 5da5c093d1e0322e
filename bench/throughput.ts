// Runs batches against a practice API, with real worker processes that probe real videos over loopback. Prints how
// much of the API's capacity was used: rows × latency ÷ concurrency, over the time from the first call to the last
// answer. Beside it are a bare client's result and the CPU time of a row.
// `--long`: five times the rows; `--only <n>`: one of the runs.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { callBarely } from './lab/bare-client.ts';
import { type BenchRedis, startBenchRedis } from './lab/bench-redis.ts';
import { cpuTimeOf } from './lab/cpu-time.ts';
import { klingIds, makeManifest } from './lab/make-manifest.ts';
import { type OutsideWorld, startOutsideWorld } from './lab/outside-world.ts';
import { type RunningProgram, runProgram, startWorkerProcess } from './lab/run-program.ts';

interface Run {
  name: string;
  /** Different videos, in turn; 0: Kling ids instead, which are not probed. */
  videos: number;
  workers: number;
  concurrency: number;
  latencyMs: number;
  rows: number;
}

const FETCH_MS = 200;
const API_KEY = 'bench';

const { values } = parseArgs({
  options: { long: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const many = values.long ? 5 : 1;
const RUNS: Run[] = [
  {
    name: `one worker process, videos that take ${FETCH_MS} ms to fetch`,
    ...{ videos: 20, workers: 1, concurrency: 20, latencyMs: 300, rows: 600 * many },
  },
  {
    name: `two worker processes, videos that take ${FETCH_MS} ms to fetch`,
    ...{ videos: 20, workers: 2, concurrency: 20, latencyMs: 300, rows: 600 * many },
  },
  {
    name: 'one worker process, Kling ids, which are not probed',
    ...{ videos: 0, workers: 1, concurrency: 50, latencyMs: 100, rows: 3_000 * many },
  },
  {
    name: `one worker process, videos that take ${FETCH_MS} ms to fetch, all different`,
    ...{ videos: 600, workers: 1, concurrency: 20, latencyMs: 300, rows: 600 },
  },
];

console.log(`${cpus().length} cores, Node ${process.version}`);
for (const [index, run] of RUNS.entries()) {
  if (values.only === undefined || Number(values.only) === index + 1) await measure(run);
}

async function measure(run: Run): Promise<void> {
  const { concurrency, latencyMs, rows } = run;
  const folder = await mkdtemp(join(tmpdir(), 'kling-bench-'));
  try {
    const bareS = await timeBareClient(run);
    const { wallS, firstCallS, cpuMs } = await workOff(run, folder);
    const idealS = (rows * latencyMs) / 1_000 / concurrency;
    const share = (seconds: number): string => `${((100 * idealS) / seconds).toFixed(1)} %`;
    console.log(`\n${run.name}: ${rows} rows, ${concurrency} calls of ${latencyMs} ms at once`);
    console.log(
      `  ${(rows / wallS).toFixed(1)} sessions/s of ${(rows / idealS).toFixed(1)} possible: ${share(wallS)}; a bare client: ${share(bareS)}`,
    );
    console.log(`  first call ${firstCallS.toFixed(2)} s after the worker was started`);
    console.log(`  processor time per row, ms: ${cpuMs}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function outsideWorldOf({ latencyMs, concurrency, videos }: Run): Promise<OutsideWorld> {
  return await startOutsideWorld({
    ...{ apiKey: API_KEY, latencyMs, concurrency },
    ...{ fetchMs: FETCH_MS, videos: Math.max(1, videos) },
  });
}

/** In s, for as many calls as the run has rows; it makes only some of them. */
async function timeBareClient(run: Run): Promise<number> {
  using world = await outsideWorldOf(run);
  const { concurrency, rows } = run;
  const calls = 10 * concurrency;
  const seconds = await callBarely(world.apiBaseUrl, { apiKey: API_KEY, concurrency, calls });
  return (seconds * rows) / calls;
}

interface Figures {
  wallS: number;
  firstCallS: number;
  cpuMs: string;
}

async function workOff(run: Run, folder: string): Promise<Figures> {
  await using redis = await startBenchRedis();
  using world = await outsideWorldOf(run);
  const environment = {
    REDIS_URL: redis.url,
    COMETAPI_KEY: API_KEY,
    API_BASE_URL: world.apiBaseUrl,
    API_CONCURRENCY: String(run.concurrency),
    PROBE_ALLOW_HOSTS: '127.0.0.1',
  };
  const manifest = join(folder, 'manifest.csv');
  if (run.videos > 0) await makeManifest(manifest, run.rows, 'plain', world.videoOrigin);
  else await writeFile(manifest, klingIds(run.rows));
  await runProgram(['import', manifest], environment);
  const startedAtMs = Date.now();
  await using workers = startWorkers(run.workers, environment);
  const before = await cpuTimes(redis, world, workers.all);
  const { firstMs, lastMs } = await whenAllAreOpened(world, run.rows);
  const after = await cpuTimes(redis, world, workers.all);
  return {
    wallS: (lastMs - firstMs) / 1_000,
    firstCallS: (firstMs - startedAtMs) / 1_000,
    cpuMs: Object.entries(after)
      .map(([name, s]) => [name, ((s - (before[name] ?? 0)) * 1_000) / run.rows] as const)
      .map(([name, perRow]) => `${name} ${perRow.toFixed(1)}`)
      .join(', '),
  };
}

/** CPU time in s, by process; `workers` includes their start. */
async function cpuTimes(
  redis: BenchRedis,
  world: OutsideWorld,
  workers: RunningProgram[],
): Promise<Record<string, number>> {
  const times = workers.map(({ pid }) => cpuTimeOf(pid) ?? { own: 0, children: 0 });
  return {
    workers: times.reduce((sum, { own }) => sum + own, 0),
    ffprobe: times.reduce((sum, { children }) => sum + children, 0),
    Redis: await redis.cpuTimeS(),
    'API and videos': cpuTimeOf(world.pid)?.own ?? 0,
  };
}

function startWorkers(
  count: number,
  environment: Record<string, string>,
): AsyncDisposable & { all: RunningProgram[] } {
  const all = Array.from({ length: count }, () => startWorkerProcess(environment));
  return {
    all,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(all.map((worker) => worker[Symbol.asyncDispose]()));
    },
  };
}

/** @throws Error if a call opened no session: the figure would then measure something else. */
async function whenAllAreOpened(
  world: OutsideWorld,
  rows: number,
): Promise<{ firstMs: number; lastMs: number }> {
  for (;;) {
    await sleep(250);
    const { opened, odd, ...times } = await world.progress();
    if (odd !== null) throw new Error(odd);
    if (opened >= rows) return times;
  }
}
