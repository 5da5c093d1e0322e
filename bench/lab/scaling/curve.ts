import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { klingIds } from '../make-manifest.ts';
import { runProgram } from '../run-program.ts';
import { openSite, type Rate, rateBetween } from './site.ts';

/** Rows before the measured ones: until then each process compiles. Those at the end no longer fill all workers. */
const WARM_UP = 0.25;
const STEADY_UNTIL = 0.9;
/** A doubling of the workers that brings less than this is where the curve bends. */
const STILL_STRAIGHT = 1.7;
/** Cores. */
const BUSY = 0.9;
const IDLE = 0.2;

interface Point extends Rate {
  workers: number;
  peakMb: number;
}

/** Prints a line of a table for each number of worker processes, and where their curve bends. */
export async function printCurve(
  steps: readonly number[],
  rowsOf: (workers: number) => number,
  folder: string,
): Promise<void> {
  console.log(
    '\n| workers | rows/s | CPU of a row: workers | Redis | the API | Redis, of one core | cores in use | cores idle | one Redis carries | memory of a worker |',
  );
  console.log('| --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |');
  const points: Point[] = [];
  for (const workers of steps) {
    const point = await measure(workers, rowsOf(workers), folder);
    points.push(point);
    console.log(lineOf(point));
  }
  console.log(`\n${describeBend(points)}`);
}

async function measure(workers: number, rows: number, folder: string): Promise<Point> {
  await using site = await openSite();
  const manifest = join(folder, 'curve.csv');
  await writeFile(manifest, klingIds(rows));
  await site.startWorkers(workers);
  await runProgram(['import', manifest], site.environment);
  await site.api.answered(rows * WARM_UP);
  const before = await site.look();
  await site.api.answered(rows * STEADY_UNTIL);
  const after = await site.look();
  await site.api.answered(rows);
  return {
    workers,
    ...rateBetween(before, after),
    peakMb: Math.round(site.memory().peakMb / workers),
  };
}

function lineOf(point: Point): string {
  const cells = [
    point.workers,
    point.rowsPerS.toFixed(0),
    `${point.workersMs.toFixed(2)} ms`,
    `${point.redisMs.toFixed(3)} ms`,
    `${point.apiMs.toFixed(3)} ms`,
    `${(100 * point.redisCores).toFixed(0)} %`,
    point.cores.toFixed(1),
    point.idleCores.toFixed(1),
    `${(1_000 / point.redisMs).toFixed(0)} rows/s`,
    `${point.peakMb} MB`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function describeBend(points: readonly Point[]): string {
  const at = points.findIndex((point, index) => {
    const previous = points[index - 1];
    if (previous === undefined) return false;
    const expected = STILL_STRAIGHT ** Math.log2(point.workers / previous.workers);
    return point.rowsPerS < expected * previous.rowsPerS;
  });
  const [last, next] = [points[at - 1], points[at]];
  if (last === undefined || next === undefined) return 'It does not bend.';
  return `It bends between ${last.workers} and ${next.workers} workers: ${reasonFor(next)}.`;
}

function reasonFor({ redisCores, cores, idleCores }: Point): string {
  if (redisCores >= BUSY) return 'Redis uses one core, and it works on one';
  if (idleCores >= IDLE) return `${idleCores.toFixed(1)} cores had nothing to do`;
  const all = cpus().length;
  const others = all - cores - idleCores;
  const byOthers = others < IDLE ? '' : `, ${others.toFixed(1)} of them by other programs`;
  return `all ${all} cores of this machine are in use${byOthers}`;
}
