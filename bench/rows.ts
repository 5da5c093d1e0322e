// Measures what a row costs from its queue to its outcome, when the API costs nothing: rows of Kling ids, which are not
// probed, 200 calls at once that take 5 ms. Beside it, in turn: a plain BullMQ worker that stores one hash field, and a
// loop of calls without a queue, by got and by Node's own client. A last pass says how the cost of a row divides.
// `--rows 20000`, `--rounds 2`; `--split-only`: only the last pass.
// `--against <dist>`: also another build of this program, such as that of `main`. `--at-once`: both builds at the same
// time, each with a Redis of its own, so that a busy machine slows both alike; nothing else is measured.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Queue } from 'bullmq';
import { type BenchRedis, startBenchRedis } from './lab/bench-redis.ts';
import { cpuTimeOf } from './lab/cpu-time.ts';
import { klingIds } from './lab/make-manifest.ts';
import { splitCpu } from './lab/rows/cpu-split.ts';
import { type FastApi, startFastApi } from './lab/rows/fast-api.ts';
import { readRedisUsage } from './lab/rows/redis-usage.ts';
import { traceRedis } from './lab/rows/trace-redis.ts';
import {
  memoryPeakOf,
  type RunningProgram,
  runProgram,
  startPlainWorker,
  startSourceWorker,
  startWorkerProcess,
} from './lab/run-program.ts';

const CALLS_AT_ONCE = 200;
const LATENCY_MS = 5;
/** Rows before and after the measured ones: at the beginning a process compiles, at the end it has too few rows. */
const WARM_UP = 0.2;
const STEADY_UNTIL = 0.9;
const SPLIT_ROWS = 2_000;

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '2' },
    'split-only': { type: 'boolean', default: false },
    against: { type: 'string' },
    'at-once': { type: 'boolean', default: false },
  },
});
const rows = Number(values.rows);

interface Figures {
  rowsPerS: number;
  workerMs: number;
  redisMs: number;
  bytesIn: number;
  bytesOut: number;
  peakMb: number;
}

const folder = await mkdtemp(join(tmpdir(), 'kling-bench-'));
try {
  console.log(
    `${rows} rows, ${CALLS_AT_ONCE} calls of ${LATENCY_MS} ms at once; ${cpus().length} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`,
  );
  const { against, 'at-once': isAtOnce } = values;
  for (let round = 0; round < Number(values.rounds) && !values['split-only']; round += 1) {
    await (isAtOnce && against !== undefined ? compareAtOnce(against) : compare());
  }
  if (!isAtOnce) await showSplit();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function compare(): Promise<void> {
  const own = await measure(prepareRows);
  const other = values.against === undefined ? null : await measure(prepareOther(values.against));
  const plain = await measure(preparePlain);
  const loop = await measure(prepareLoop('loop'));
  const bare = await measure(prepareLoop('loop-http'));
  show('this program', own, plain);
  if (other !== null) show('the other build', other, plain);
  show('a plain BullMQ worker', plain, plain);
  show('a loop without a queue', loop, plain);
  show("it with Node's client", bare, plain);
}

async function compareAtOnce(dist: string): Promise<void> {
  const [own, other] = await Promise.all([measure(prepareRows), measure(prepareOther(dist))]);
  show('this program', own, other);
  show('the other build', other, other);
  console.log(
    `  CPU time of the worker: ${(own.workerMs / other.workerMs).toFixed(2)} of the other`,
  );
}

function show(name: string, figures: Figures, plain: Figures): void {
  const { rowsPerS, workerMs, redisMs, bytesIn, bytesOut, peakMb } = figures;
  const share = `${Math.round((100 * rowsPerS) / plain.rowsPerS)} %`;
  console.log(
    `  ${name.padEnd(22)} ${rowsPerS.toFixed(0).padStart(5)} rows/s (${share.padStart(5)}); CPU per row: worker ${workerMs.toFixed(2)} ms, Redis ${redisMs.toFixed(3)} ms; bytes per row: ${Math.round(bytesIn)} in, ${Math.round(bytesOut)} out; peak ${peakMb} MB`,
  );
}

type Prepare = (redis: BenchRedis, api: FastApi) => Promise<() => RunningProgram>;

/** The figures between two moments of one process's work. */
async function measure(prepare: Prepare): Promise<Figures> {
  await using redis = await startBenchRedis();
  using api = await startFastApi(LATENCY_MS);
  const start = await prepare(redis, api);
  await using worker = start();
  await api.answered(rows * WARM_UP);
  const before = await look(redis, api, worker);
  await api.answered(rows * STEADY_UNTIL);
  const after = await look(redis, api, worker);
  const peakMb = memoryPeakOf(worker.pid);
  await api.answered(rows);
  const done = after.answers - before.answers;
  return {
    rowsPerS: (done * 1_000) / (after.atMs - before.atMs),
    workerMs: ((after.workerS - before.workerS) * 1_000) / done,
    redisMs: ((after.cpuS - before.cpuS) * 1_000) / done,
    bytesIn: (after.bytesIn - before.bytesIn) / done,
    bytesOut: (after.bytesOut - before.bytesOut) / done,
    peakMb,
  };
}

async function look({ redis }: BenchRedis, api: FastApi, { pid }: RunningProgram) {
  const usage = await readRedisUsage(redis);
  const workerS = cpuTimeOf(pid)?.own ?? Number.NaN;
  return { ...usage, workerS, answers: await api.count(), atMs: performance.now() };
}

async function prepareRows(redis: BenchRedis, api: FastApi, count = rows, dist?: string) {
  const environment = environmentOf(redis, api);
  const manifest = join(folder, `${randomUUID()}.csv`);
  await writeFile(manifest, klingIds(count));
  await runProgram(['import', manifest], environment, dist);
  return () => startWorkerProcess(environment, dist);
}

function prepareOther(dist: string): Prepare {
  return (redis, api) => prepareRows(redis, api, rows, resolve(dist));
}

async function preparePlain(redis: BenchRedis, api: FastApi) {
  const queue = new Queue('plain-rows', {
    connection: redis.redis,
    defaultJobOptions: { removeOnComplete: true },
  });
  const lines = klingIds(rows).trim().split('\n').slice(1);
  const jobs = lines.map((line, row) => {
    const [video_id, task_id] = line.split(',');
    return { name: String(row), data: { video_id, task_id } };
  });
  for (let first = 0; first < rows; first += 1_000) {
    await queue.addBulk(jobs.slice(first, first + 1_000));
  }
  return () => startPlainWorker(['bullmq', String(CALLS_AT_ONCE)], environmentOf(redis, api));
}

function prepareLoop(kind: 'loop' | 'loop-http'): Prepare {
  const args = [kind, String(CALLS_AT_ONCE), String(rows)];
  return async (redis, api) => () => startPlainWorker(args, environmentOf(redis, api));
}

function environmentOf({ url }: BenchRedis, { baseUrl }: FastApi): Record<string, string> {
  return {
    REDIS_URL: url,
    COMETAPI_KEY: 'bench',
    API_BASE_URL: baseUrl,
    API_CONCURRENCY: String(CALLS_AT_ONCE),
  };
}

/** The same work, recorded: what Redis is asked for a row, and which parts of the worker use its time. */
async function showSplit(): Promise<void> {
  await using redis = await startBenchRedis();
  using api = await startFastApi(LATENCY_MS);
  await prepareRows(redis, api, SPLIT_ROWS);
  const trace = await traceRedis(redis.redis);
  {
    await using _worker = startSourceWorker(environmentOf(redis, api), folder);
    await api.answered(SPLIT_ROWS);
  }
  const traced = await trace.end();
  const scripts = traced.filter(({ isScript }) => isScript);
  const perRow = (some: typeof traced): string =>
    (some.reduce((sum, { count }) => sum + count, 0) / SPLIT_ROWS).toFixed(2);
  console.log(`\nA row asks Redis ${perRow(traced)} times, ${perRow(scripts)} of them scripts:`);
  for (const { name, count, medianUs } of traced.slice(0, 16)) {
    console.log(
      `  ${name.padEnd(28)} ${(count / SPLIT_ROWS).toFixed(2)} per row, median ${medianUs} µs`,
    );
  }
  const split = splitCpu(folder, 0.2, 1);
  const total = [...split.values()].reduce((sum, us) => sum + us, 0);
  console.log('\nThe worker spends its CPU time in:');
  for (const [part, us] of [...split].slice(0, 30)) {
    console.log(`  ${part.padEnd(48)} ${((100 * us) / total).toFixed(1)} %`);
  }
}
