// Measures a big batch from the outside: the cost of importing, reading, cancelling, reporting, keeping and deleting
// it, compared with plain `addBulk`. This process records the rows' outcomes, because no API is that fast. `--long`:
// 1,000,000 rows instead of 100,000.
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { removeBatch } from '../src/lib/batch/remove-batch.ts';
import { cancelBatch } from '../src/lib/batch/steer-batch.ts';
import type { Batch } from '../src/lib/core/batch/batch.ts';
import { readStatusOf } from '../src/library/wiring/batch-status.ts';
import { openStores, type Stores } from '../src/library/wiring/stores.ts';
import { type BenchRedis, startBenchRedis } from './lab/bench-redis.ts';
import { endAllRows } from './lab/end-all-rows.ts';
import { makeManifest } from './lab/make-manifest.ts';
import { importByAddBulk } from './lab/plain-bullmq.ts';
import { runProgram } from './lab/run-program.ts';

const LOOKS = 20;

const { values } = parseArgs({ options: { long: { type: 'boolean', default: false } } });
const rows = values.long ? 1_000_000 : 100_000;
const folder = await mkdtemp(join(tmpdir(), 'kling-bench-'));
try {
  await measure();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  await using server = await startBenchRedis();
  const environment = { REDIS_URL: server.url, COMETAPI_KEY: 'bench' };
  const manifest = join(folder, 'manifest.csv');
  await makeManifest(manifest, rows, 'plain');
  console.log(`${rows} rows, ${cpus().length} cores, Node ${process.version}`);
  await comparePlain(server, manifest);

  const batchId = await importManifest(server, environment, manifest);
  await using stores = await openStores(environment, { name: 'bench', patience: 'patient' });
  await endAllRows(stores.store, await readBatch(stores, batchId));
  report('a finished row', `${((await server.usedBytes()) / rows).toFixed(1)} B of Redis`);

  const emptyS = (await runProgram(['--version'], environment)).wallS;
  report('starting and ending a process', milliseconds(emptyS));
  await look('status', () => readStatusOf(stores, BENCH_LIMITS, batchId));
  await look('batches', () => countBatches(stores));

  const out = join(folder, 'report.csv');
  const written = await runProgram(['results', batchId, '--out', out], environment);
  report('results', `${rate(written.wallS)}, ${megabytes(written.maxRssBytes)}`);

  await remove('a finished batch', server, stores, batchId);
  await cancel(server, stores, await importManifest(server, environment, manifest));
}

/** Only shown when no worker runs. */
const BENCH_LIMITS = { API_CONCURRENCY: 5, API_RATE_PER_SECOND: 0, SESSIONS_PER_DAY: 0 };

async function comparePlain(server: BenchRedis, manifest: string): Promise<void> {
  const plain = await importByAddBulk(server, manifest);
  const speed = `${Math.round(plain.rowsPerS)} rows/s, ${plain.bytesPerRow.toFixed(1)} B of Redis a row`;
  report(`plain BullMQ addBulk, ${plain.rows} rows`, speed);
  await server.clear();
}

async function importManifest(
  server: BenchRedis,
  environment: Record<string, string>,
  manifest: string,
): Promise<string> {
  const before = await server.usedBytes();
  const imported = await runProgram(['import', manifest], environment);
  report('import', `${rate(imported.wallS)}, ${megabytes(imported.maxRssBytes)}`);
  report(
    'a waiting row',
    `${(((await server.usedBytes()) - before) / rows).toFixed(1)} B of Redis`,
  );
  return imported.stdout.trim();
}

async function cancel(server: BenchRedis, stores: Stores, batchId: string): Promise<void> {
  const startMs = performance.now();
  const batch = await readBatch(stores, batchId);
  await cancelBatch({ ...stores, now: Date.now }, batch, { who: 'bench', reason: null });
  report('cancel, without starting a process', milliseconds((performance.now() - startMs) / 1_000));
  await remove('a cancelled batch', server, stores, batchId);
}

/** The server's own clock shows how long it did not respond. */
async function remove(
  what: string,
  { redis }: BenchRedis,
  stores: Stores,
  batchId: string,
): Promise<void> {
  const batch = await readBatch(stores, batchId);
  await redis.config('SET', 'slowlog-log-slower-than', '100');
  await redis.slowlog('RESET');
  const startMs = performance.now();
  await removeBatch({ ...stores, now: Date.now }, batch);
  const seconds = (performance.now() - startMs) / 1_000;
  const commands = (await redis.slowlog('GET', 1_000)) as [number, number, number][];
  const longestUs = Math.max(0, ...commands.map(([, , durationUs]) => durationUs));
  report(
    `deleting ${what}`,
    `${milliseconds(seconds)}, blocks Redis for ${milliseconds(longestUs / 1e6)} at most`,
  );
}

async function readBatch({ store }: Stores, batchId: string): Promise<Batch> {
  const batch = await store.readBatch(batchId);
  if (batch === null) throw new Error(`batch ${batchId} is gone`);
  return batch;
}

async function countBatches({ overview }: Stores): Promise<number> {
  let count = 0;
  for await (const _ of overview.listBatches()) count += 1;
  return count;
}

/** The median of several runs, without the start of a process. */
async function look(name: string, take: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  for (let index = 0; index < LOOKS; index += 1) {
    const startMs = performance.now();
    await take();
    times.push(performance.now() - startMs);
  }
  const median = times.toSorted((a, b) => a - b)[LOOKS / 2] ?? 0;
  report(`${name}, without starting a process`, milliseconds(median / 1_000));
}

function report(what: string, figure: string): void {
  console.log(`  ${what}: ${figure}`);
}

function rate(seconds: number): string {
  return `${Math.round(rows / seconds)} rows/s`;
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1_000).toFixed(1)} ms`;
}

function megabytes(bytes: number): string {
  return `RSS at most ${Math.round(bytes / 1e6)} MB`;
}
