import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { countEnded } from '../../../src/lib/core/batch/batch.ts';
import type { Stores } from '../../../src/library/wiring/stores.ts';
import { importBatch } from '../../../src/producer/import-batch.ts';
import { openManifest } from '../../../src/producer/manifest/open-manifest.ts';
import { IMPORT_OPTIONS } from '../../../test/setup/examples/import-options.ts';
import { klingIds } from '../make-manifest.ts';
import { openSite, type Rate, rateBetween } from './site.ts';

const WARM_UP = 0.1;
/** Until then every batch has rows to hand over. */
const HALF = 0.5;
const AT_ONCE = 20;

/** Prints what a row costs if all rows are in one batch, and if they are in many that share the API. */
export async function printManyBatches(
  batches: number,
  rowsEach: number,
  workers: number,
  folder: string,
): Promise<void> {
  console.log(`\n${batches * rowsEach} rows, ${workers} workers; until half of them have ended:`);
  for (const count of [1, batches]) {
    const { rate, ended } = await measure(count, (batches * rowsEach) / count, workers, folder);
    console.log(
      `  ${count === 1 ? 'one batch' : `${count} batches`}: ${rate.rowsPerS.toFixed(0)} rows/s; CPU per row: workers ${rate.workersMs.toFixed(2)} ms, Redis ${rate.redisMs.toFixed(3)} ms`,
    );
    if (count > 1) console.log(`  rows that have ended in each: ${describeShares(ended)}`);
  }
}

async function measure(
  batches: number,
  rowsEach: number,
  workers: number,
  folder: string,
): Promise<{ rate: Rate; ended: number[] }> {
  await using site = await openSite();
  const path = join(folder, 'shared.csv');
  await writeFile(path, klingIds(rowsEach));
  for (let first = 0; first < batches; first += AT_ONCE) {
    const names = Array.from(
      { length: Math.min(AT_ONCE, batches - first) },
      (_, index) => `shared-${first + index}`,
    );
    await Promise.all(names.map((name) => importOne(site.stores, path, name)));
  }
  const rows = batches * rowsEach;
  await site.startWorkers(workers);
  await site.api.answered(rows * WARM_UP);
  const before = await site.look();
  await site.api.answered(rows * HALF);
  const after = await site.look();
  const ended: number[] = [];
  for await (const batch of site.stores.overview.listBatches())
    ended.push(countEnded(batch.counts));
  return { rate: rateBetween(before, after), ended };
}

async function importOne(stores: Stores, path: string, batchId: string): Promise<void> {
  const { signal } = new AbortController();
  await using manifest = await openManifest(path, { signal });
  const imported = await importBatch({ ...stores, now: Date.now, signal }, manifest, {
    ...IMPORT_OPTIONS,
    batchId,
  });
  if (imported.kind !== 'imported') throw new Error(`${batchId} was not imported`);
}

function describeShares(ended: readonly number[]): string {
  const sorted = ended.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return `median ${at(0.5)}, least ${at(0)}, most ${at(1)}, nine of ten between ${at(0.05)} and ${at(0.95)}`;
}
