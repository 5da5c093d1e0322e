import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { writeKlingIds } from '../make-manifest.ts';
import { runProgram, type Usage } from '../run-program.ts';
import { openSite, rateBetween } from './site.ts';

const TENTHS = 10;
const LOOK_MS = 250;

/** Prints what one batch takes from import to report, with the memory of its workers at each tenth. */
export async function printOneLongBatch(
  rows: number,
  workers: number,
  folder: string,
): Promise<void> {
  await using site = await openSite();
  const manifest = join(folder, 'long.csv');
  await writeKlingIds(manifest, rows);
  console.log(`\nOne batch of ${rows} rows, ${workers} workers`);
  const imported = await runProgram(['import', manifest], site.environment);
  const id = imported.stdout.trim();
  console.log(`  import: ${describe(imported, rows)}`);
  await site.startWorkers(workers);
  let before = await site.look();
  for (let tenth = 1; tenth <= TENTHS; tenth += 1) {
    await site.api.answered((rows * tenth) / TENTHS);
    const after = await site.look();
    const { rowsPerS, workersMs, redisMs } = rateBetween(before, after);
    before = after;
    const redisMb = (await site.redis.usedBytes()) / 1e6;
    console.log(
      `  ${10 * tenth} %: ${rowsPerS.toFixed(0)} rows/s; CPU per row: workers ${workersMs.toFixed(2)} ms, Redis ${redisMs.toFixed(3)} ms; memory: a worker ${Math.round(site.memory().nowMb / workers)} MB, Redis ${redisMb.toFixed(0)} MB`,
    );
  }
  while ((await site.stores.store.readBatch(id))?.state !== 'completed') await wait(LOOK_MS);
  console.log(`  highest memory of a worker: ${Math.round(site.memory().peakMb / workers)} MB`);
  const out = join(folder, 'long.results.csv');
  const reported = await runProgram(['results', id, '--out', out], site.environment);
  console.log(`  report: ${describe(reported, rows)}`);
}

const describe = ({ wallS, cpuS, maxRssBytes }: Usage, rows: number): string =>
  `${wallS.toFixed(1)} s, ${(rows / wallS).toFixed(0)} rows/s, CPU per row ${((1e6 * cpuS) / rows).toFixed(0)} µs, memory ${Math.round(maxRssBytes / 1e6)} MB`;
