// Continues a batch with a key: one row in a hundred has another cell, all others keep their sessions. Compared with a
// plain import of the same rows in the same run. `--rows <n>`: 100,000 by default; `--long`: 1,000,000. `--saved`: each
// key is a number that a spreadsheet has rewritten since, so no row is found as it is written.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openStores } from '../src/library/wiring/stores.ts';
import { type BenchRedis, startBenchRedis } from './lab/bench-redis.ts';
import { endInBlocks } from './lab/end-in-blocks.ts';
import { runProgram, type Usage } from './lab/run-program.ts';

const EDIT_EVERY = 100;

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    rows: { type: 'string' },
    saved: { type: 'boolean', default: false },
  },
});
const rows = Number(values.rows ?? (values.long ? 1_000_000 : 100_000));
/** Two forms of the keys: as the table's program writes them, and as they are once the table was edited. */
const KEY_PREFIXES = values.saved ? ['000', ''] : ['SKU-', 'SKU-'];
const folder = await mkdtemp(join(tmpdir(), 'kling-bench-'));
try {
  await measure();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function measure(): Promise<void> {
  await using server = await startBenchRedis();
  const environment = { REDIS_URL: server.url, COMETAPI_KEY: 'bench' };
  const manifest = join(folder, 'clips.csv');
  const key = ['--key', 'sku', '--continue', 'clips'];
  console.log(`${rows} rows, ${cpus().length} cores, Node ${process.version}`);

  await writeFile(manifest, table('as it was'));
  const emptyBytes = await server.usedBytes();
  const first = await runProgram(['import', manifest, ...key], environment);
  report('a plain import with a key', first, await bytesSince(server, emptyBytes));

  await using stores = await openStores(environment, { name: 'bench', patience: 'patient' });
  const batch = await stores.store.readBatch(first.stdout.trim());
  if (batch === null) throw new Error('the batch is gone');
  await endInBlocks(stores, batch);
  const beforeBytes = await server.usedBytes();

  await writeFile(manifest, table('edited'));
  const second = await runProgram(['import', manifest, ...key], environment);
  report('continuing it', second, await bytesSince(server, beforeBytes));
  const next = await stores.store.readBatch(second.stdout.trim());
  console.log(
    `  ${next?.counts.reused} rows keep their sessions; ${(first.cpuS / second.cpuS).toFixed(2)} times the speed by processor time`,
  );
  console.log(`  the table has ${((await readFile(manifest)).length / rows).toFixed(0)} B a row`);
}

/** Every hundredth row has this note and another video. */
function table(note: string): string {
  const [prefix = '', editedPrefix = ''] = KEY_PREFIXES;
  const lines = Array.from({ length: rows }, (_, at) => {
    const isEdited = note !== 'as it was' && at % EDIT_EVERY === 0;
    const name = isEdited ? `${at + 1}-b` : `${at + 1}`;
    const sku = `${note === 'as it was' ? prefix : editedPrefix}${at + 1}`;
    return `${sku},https://media.example.com/${name}.mp4,${isEdited ? note : 'as it was'}`;
  });
  return ['sku,video_url,note', ...lines, ''].join('\n');
}

async function bytesSince(server: BenchRedis, before: number): Promise<number> {
  return ((await server.usedBytes()) - before) / rows;
}

function report(what: string, { wallS, cpuS, maxRssBytes }: Usage, bytesPerRow: number): void {
  const speed = `${Math.round(rows / wallS)} rows/s (${Math.round(rows / cpuS)} by processor time)`;
  console.log(
    `  ${what}: ${speed}, ${bytesPerRow.toFixed(1)} B of Redis a row, RSS at most ${Math.round(maxRssBytes / 1e6)} MB`,
  );
}
