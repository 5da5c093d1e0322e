// Works a batch off against a practice API, with real worker processes that probe real videos over loopback, and prints
// how much of the API's capacity was used: rows × latency ÷ concurrency, over the time from the first call to the
// last answer. `--long`: 6,000 rows instead of 1,200 where videos are probed; `--only <n>`: one of the runs.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Sandbox, startSandbox } from '../src/sandbox/start-sandbox.ts';
import { startBenchRedis } from './bench-redis.ts';
import { makeManifest } from './make-manifest.ts';
import { runProgram, startWorkerProcess } from './run-program.ts';
import { serveVideos } from './serve-videos.ts';

interface Run {
  name: string;
  source: 'videos' | 'kling ids';
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
    name: `videos that take ${FETCH_MS} ms to fetch, one worker process`,
    ...{ source: 'videos', workers: 1, concurrency: 20, latencyMs: 300, rows: 1_200 * many },
  },
  {
    name: `videos that take ${FETCH_MS} ms to fetch, two worker processes`,
    ...{ source: 'videos', workers: 2, concurrency: 20, latencyMs: 300, rows: 600 * many },
  },
  {
    name: 'Kling ids, which are not probed, one worker process',
    ...{ source: 'kling ids', workers: 1, concurrency: 50, latencyMs: 100, rows: 3_000 * many },
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
    const seconds = await workOff(run, folder);
    const idealS = (rows * latencyMs) / 1_000 / concurrency;
    const perS = (rows / seconds.wallS).toFixed(1);
    const share = ((100 * idealS) / seconds.wallS).toFixed(1);
    console.log(`\n${run.name}: ${rows} rows, ${concurrency} calls of ${latencyMs} ms at once`);
    console.log(`  ${perS} sessions/s of ${(rows / idealS).toFixed(1)} possible: ${share} %`);
    console.log(`  first call ${seconds.firstCallS.toFixed(2)} s after the worker was started`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function workOff(run: Run, folder: string): Promise<{ wallS: number; firstCallS: number }> {
  await using redis = await startBenchRedis();
  await using videos = await serveVideos(FETCH_MS);
  await using sandbox = await startSandbox({
    port: 0,
    apiKey: API_KEY,
    validate: false,
    latencyMs: run.latencyMs,
    concurrencyLimit: run.concurrency,
  });
  const environment = {
    REDIS_URL: redis.url,
    COMETAPI_KEY: API_KEY,
    API_BASE_URL: sandbox.apiBaseUrl,
    API_CONCURRENCY: String(run.concurrency),
    PROBE_ALLOW_HOSTS: '127.0.0.1',
  };
  const manifest = join(folder, 'manifest.csv');
  if (run.source === 'videos') await makeManifest(manifest, run.rows, 'plain', videos.origin);
  else await writeFile(manifest, klingIds(run.rows));
  await runProgram(['import', manifest], environment);
  const startedAtMs = Date.now();
  await using _workers = startWorkers(run.workers, environment);
  return await timeOfCalls(sandbox, run.rows, startedAtMs);
}

function startWorkers(count: number, environment: Record<string, string>): AsyncDisposable {
  const workers = Array.from({ length: count }, () => startWorkerProcess(environment));
  return {
    [Symbol.asyncDispose]: async () => {
      await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
    },
  };
}

function klingIds(rows: number): string {
  const id = (row: number): string => String(784_912_000_000_000_000n + BigInt(row));
  const lines = Array.from({ length: rows }, (_, row) => `${id(row)},${id(row + 500_000)}`);
  return ['video_id,task_id', ...lines, ''].join('\n');
}

/** @throws when a call came to anything but a session: then the figure would be of something else. */
async function timeOfCalls(
  sandbox: Sandbox,
  rows: number,
  startedAtMs: number,
): Promise<{ wallS: number; firstCallS: number }> {
  for (;;) {
    await sleep(250);
    const { sessionsOpened, calls } = sandbox.ledger();
    const odd = calls.find(({ endedAtMs, result }) => endedAtMs !== null && result !== 'opened');
    if (odd) throw new Error(`call ${odd.call} was ${odd.result} with ${odd.code}`);
    if (sessionsOpened < rows) continue;
    const first = calls[0]?.arrivedAtMs ?? 0;
    const last = Math.max(...calls.map(({ endedAtMs }) => endedAtMs ?? 0));
    return { wallS: (last - first) / 1_000, firstCallS: (first - startedAtMs) / 1_000 };
  }
}
