// Measures how the work grows with its workers, its batches and its rows, against an API that costs nothing: rows of
// Kling ids, which are not probed, 200 calls at once that take 5 ms. The three parts (`--only curve|batches|long`):
// - 1, 2, 4, 8, 16 and 32 worker processes: `--workers 1,2,4`; at least `--rows` rows, and 3,000 for each process.
// - many open batches that share the API, and as many rows in one: `--batches 1000` of `--rows-each 30` rows.
// - one batch from import to report: `--long-rows 100000`. Ten million take hours.
// `--smoke`: all three in less than a minute, to see that they work; its figures say nothing.
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { printCurve } from './lab/scaling/curve.ts';
import { printManyBatches } from './lab/scaling/many-batches.ts';
import { printOneLongBatch } from './lab/scaling/one-long-batch.ts';

/** Each process compiles what it runs often; at fewer rows that is most of its time. */
const ROWS_PER_WORKER = 3_000;
/** Two, so that a batch is never one process's. */
const WORKERS = 2;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    smoke: { type: 'boolean', default: false },
    workers: { type: 'string' },
    rows: { type: 'string' },
    batches: { type: 'string' },
    'rows-each': { type: 'string' },
    'long-rows': { type: 'string' },
  },
});
const sizes = values.smoke
  ? { workers: '1,2', rows: '600', batches: '20', each: '30', long: '1000', perWorker: 300 }
  : {
      ...{ workers: '1,2,4,8,16,32', rows: '20000', batches: '1000', each: '30', long: '100000' },
      perWorker: ROWS_PER_WORKER,
    };
const isWanted = (part: string): boolean => values.only === undefined || values.only === part;

const folder = await mkdtemp(join(tmpdir(), 'kling-bench-'));
try {
  const load = loadavg()[0]?.toFixed(1);
  console.log(
    `${cpus().length} cores (${cpus()[0]?.model}), load ${load}, Node ${process.version}`,
  );
  if (isWanted('curve')) {
    const steps = (values.workers ?? sizes.workers).split(',').map(Number);
    const rows = Number(values.rows ?? sizes.rows);
    await printCurve(steps, (workers) => Math.max(rows, workers * sizes.perWorker), folder);
  }
  if (isWanted('batches')) {
    const batches = Number(values.batches ?? sizes.batches);
    await printManyBatches(batches, Number(values['rows-each'] ?? sizes.each), WORKERS, folder);
  }
  if (isWanted('long')) {
    await printOneLongBatch(Number(values['long-rows'] ?? sizes.long), WORKERS, folder);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
