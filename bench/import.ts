// Imports a manifest with the real command, and the same rows with plain BullMQ in the same run.
// `--long`: 1,000,000 rows instead of 200,000.
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchRedis, startBenchRedis } from './lab/bench-redis.ts';
import { type AddressKind, makeManifest } from './lab/make-manifest.ts';
import { importByAddBulk } from './lab/plain-bullmq.ts';
import { runProgram } from './lab/run-program.ts';

interface Import {
  rowsPerS: number;
  bytesPerRow: number;
  maxRssBytes: number | null;
}

const { values } = parseArgs({ options: { long: { type: 'boolean', default: false } } });
const rows = values.long ? 1_000_000 : 200_000;
const folder = await mkdtemp(join(tmpdir(), 'kling-bench-'));
try {
  await using server = await startBenchRedis();
  console.log(`${rows} rows, ${cpus().length} cores, Node ${process.version}`);
  for (const kind of ['plain', 'signed'] as const) await compare(server, kind);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function compare(server: BenchRedis, kind: AddressKind): Promise<void> {
  const path = join(folder, `${kind}.csv`);
  const { sizeBytes } = await makeManifest(path, rows, kind);
  const ours = await importByProgram(server, path);
  const plain = await importByAddBulk(server, path);
  console.log(`\n${kind} addresses, ${(sizeBytes / rows).toFixed(0)} bytes a row`);
  print('kling-sessions import', ours);
  print(`BullMQ addBulk, ${plain.rows} rows`, { ...plain, maxRssBytes: null });
  const faster = (ours.rowsPerS / plain.rowsPerS).toFixed(1);
  const smaller = (plain.bytesPerRow / ours.bytesPerRow).toFixed(1);
  console.log(`  ${faster} times as fast in 1/${smaller} of the memory`);
}

function print(name: string, { rowsPerS, bytesPerRow, maxRssBytes }: Import): void {
  const memory = maxRssBytes === null ? '' : `, RSS at most ${Math.round(maxRssBytes / 1e6)} MB`;
  console.log(
    `  ${name}: ${Math.round(rowsPerS)} rows/s, ${bytesPerRow.toFixed(1)} B of Redis a row${memory}`,
  );
}

/** From the start of the process to its end. */
async function importByProgram(server: BenchRedis, path: string): Promise<Import> {
  await server.clear();
  const usage = await runProgram(['import', path], {
    REDIS_URL: server.url,
    COMETAPI_KEY: 'bench',
  });
  const bytesPerRow = (await server.usedBytes()) / rows;
  return { rowsPerS: rows / usage.wallS, bytesPerRow, maxRssBytes: usage.maxRssBytes };
}
