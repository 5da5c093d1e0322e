// Imports a manifest with the real command, and the same rows with plain BullMQ in the same run.
// `--long`: 1,000,000 rows instead of 200,000; `--rows <n>`: any number of them.
// `--against <dist>`: with another build instead of BullMQ, on signed addresses, both builds in turn `--rounds` times.
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchRedis, startBenchRedis } from './lab/bench-redis.ts';
import { type AddressKind, makeManifest } from './lab/make-manifest.ts';
import { importByAddBulk } from './lab/plain-bullmq.ts';
import { runProgram } from './lab/run-program.ts';

interface Import {
  rowsPerS: number;
  bytesPerRow: number;
}

interface ProgramImport extends Import {
  cpuS: number;
  maxRssBytes: number;
}

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    rows: { type: 'string' },
    against: { type: 'string' },
    rounds: { type: 'string', default: '3' },
  },
});
const rows = Number(values.rows ?? (values.long ? 1_000_000 : 200_000));
const folder = await mkdtemp(join(tmpdir(), 'kling-bench-'));
try {
  await using server = await startBenchRedis();
  console.log(`${rows} rows, ${cpus().length} cores, Node ${process.version}`);
  if (values.against !== undefined) {
    await compareBuilds(server, resolve(values.against), Number(values.rounds));
  } else {
    for (const kind of ['plain', 'signed'] as const) await compareWithBullMq(server, kind);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function compareWithBullMq(server: BenchRedis, kind: AddressKind): Promise<void> {
  const path = await prepare(kind);
  const ours = await importByProgram(server, path);
  const plain = await importByAddBulk(server, path);
  print('kling-sessions import', ours);
  print(`BullMQ addBulk, ${plain.rows} rows`, plain);
  const faster = (ours.rowsPerS / plain.rowsPerS).toFixed(1);
  const smaller = (plain.bytesPerRow / ours.bytesPerRow).toFixed(1);
  console.log(`  ${faster} times as fast in 1/${smaller} of the memory`);
}

/** The build that goes first changes, so that a machine that gets busier favours neither. */
async function compareBuilds(server: BenchRedis, other: string, rounds: number): Promise<void> {
  const path = await prepare('signed');
  const ratios: { wall: number; cpu: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const isSwapped = round % 2 === 1;
    const first = await importByProgram(server, path, isSwapped ? other : undefined);
    const second = await importByProgram(server, path, isSwapped ? undefined : other);
    const [ours, theirs] = isSwapped ? [second, first] : [first, second];
    print('this build', ours);
    print('the other ', theirs);
    ratios.push({ wall: ours.rowsPerS / theirs.rowsPerS, cpu: theirs.cpuS / ours.cpuS });
    const { wall, cpu } = ratios.at(-1) as (typeof ratios)[number];
    console.log(`  ${wall.toFixed(2)} times the rows/s; by processor time ${cpu.toFixed(2)}`);
  }
  const wall = median(ratios.map((ratio) => ratio.wall)).toFixed(2);
  const cpu = median(ratios.map((ratio) => ratio.cpu)).toFixed(2);
  console.log(`\nMedian of ${rounds}: ${wall} times the rows/s; by processor time ${cpu}`);
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

async function prepare(kind: AddressKind): Promise<string> {
  const path = join(folder, `${kind}.csv`);
  const { sizeBytes } = await makeManifest(path, rows, kind);
  console.log(`\n${kind} addresses, ${(sizeBytes / rows).toFixed(0)} bytes a row`);
  return path;
}

function print(name: string, made: Import | ProgramImport): void {
  const { rowsPerS, bytesPerRow } = made;
  const used =
    'cpuS' in made
      ? `, ${made.cpuS.toFixed(1)} s of processor time, RSS at most ${Math.round(made.maxRssBytes / 1e6)} MB`
      : '';
  console.log(
    `  ${name}: ${Math.round(rowsPerS)} rows/s, ${bytesPerRow.toFixed(1)} B of Redis a row${used}`,
  );
}

/** From the start of the process to its end. */
async function importByProgram(
  server: BenchRedis,
  path: string,
  dist?: string,
): Promise<ProgramImport> {
  await server.clear();
  const environment = { REDIS_URL: server.url, COMETAPI_KEY: 'bench' };
  const { wallS, cpuS, maxRssBytes } = await runProgram(['import', path], environment, dist);
  const bytesPerRow = (await server.usedBytes()) / rows;
  return { rowsPerS: rows / wallS, bytesPerRow, cpuS, maxRssBytes };
}
