// A big batch from the outside: what looking at it, writing its report and keeping it cost. The rows' ends are recorded
// in this process, as no API is that fast. `--long`: 1,000,000 rows instead of 100,000.
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { takePictureOf } from '../src/cli/batch-picture.ts';
import { openStores, type Stores } from '../src/cli/stores.ts';
import type { Outcome } from '../src/lib/core/outcome.ts';
import type { Source } from '../src/lib/core/source.ts';
import { startBenchRedis } from './bench-redis.ts';
import { makeManifest } from './make-manifest.ts';
import { runProgram } from './run-program.ts';

const AT_ONCE = 200;
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

  const imported = await runProgram(['import', manifest], environment);
  const batchId = imported.stdout.trim();
  report('import', `${rate(imported.wallS)}, ${megabytes(imported.maxRssBytes)}`);
  report('a waiting row', `${((await server.usedBytes()) / rows).toFixed(1)} B of Redis`);

  await using stores = await openStores(environment, { name: 'bench', patience: 'patient' });
  await endAllRows(stores, batchId);
  report('a finished row', `${((await server.usedBytes()) / rows).toFixed(1)} B of Redis`);

  const emptyS = (await runProgram(['--version'], environment)).wallS;
  report('starting and ending a process', milliseconds(emptyS));
  await look('status', () => takePictureOf(stores, batchId));
  await look('batches', () => countBatches(stores));

  const out = join(folder, 'report.csv');
  const written = await runProgram(['results', batchId, '--out', out], environment);
  report('results', `${rate(written.wallS)}, ${megabytes(written.maxRssBytes)}`);
}

/** Sessions as the API opens them, after a probe. */
async function endAllRows({ store }: Stores, batchId: string): Promise<void> {
  for (let first = 1; first <= rows; first += AT_ONCE) {
    const count = Math.min(AT_ONCE, rows - first + 1);
    const numbers = Array.from({ length: count }, (_, index) => first + index);
    await Promise.all(
      numbers.map((row) => store.recordOutcome(batchId, row, '', success(row), sourceOf(row))),
    );
  }
}

function sourceOf(row: number): Source {
  return { kind: 'url', videoUrl: `https://media.example.com/${row}.mp4` };
}

async function countBatches({ overview }: Stores): Promise<number> {
  let count = 0;
  for await (const _ of overview.listBatches()) count += 1;
  return count;
}

function success(row: number): Outcome {
  const finishedAtMs = Date.now();
  return {
    status: 'succeeded',
    finishedAtMs,
    attempts: 1,
    warnings: [],
    session: {
      id: String(784_912_000_000_000_000n + BigInt(row)),
      expiresAtMs: finishedAtMs + 864e5,
    },
    requestId: crypto.randomUUID(),
    video: { durationS: 5.041, width: 1920, height: 1080, fps: 30 },
  };
}

/** The median of some looks, without the start of a process. */
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
