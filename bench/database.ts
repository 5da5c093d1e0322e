// Copying results into a local PostgreSQL by `database backfill`: rows per second, CPU time of this program, Redis and
// the server, and the program's memory. Every row has an event of its own, as after calls that ended in any order. The
// second run replaces all rows. `--long`: 1,000,000 rows instead of 100,000.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { openStores, type Stores } from '../src/cli/wiring/stores.ts';
import type { BatchRef } from '../src/lib/core/batch/batch.ts';
import { EVENT_BYTES, EVENTS_PER_SEGMENT } from '../src/lib/store/redis/packing/pack-feed-event.ts';
import { PrivatePostgres } from '../test/setup/postgres/private-postgres.ts';
import { startBenchRedis } from './lab/bench-redis.ts';
import { cpuTimeOf } from './lab/cpu-time.ts';
import { fillBatch } from './lab/fill-batch.ts';
import { runProgram } from './lab/run-program.ts';

/** Rows end in another order than they began, within so many. */
const UNORDERED = 500;

const { values } = parseArgs({ options: { long: { type: 'boolean', default: false } } });
const rows = values.long ? 1_000_000 : 100_000;

await using redis = await startBenchRedis();
await using postgres = await PrivatePostgres.start(['fsync=on']);
await using stores = await openStores(
  { REDIS_URL: redis.url },
  { name: 'bench', patience: 'patient' },
);
const environment = { REDIS_URL: redis.url, RESULTS_DATABASE_URL: postgres.url() };
console.log(`${rows} rows, ${cpus().length} cores, Node ${process.version}`);
await runProgram(['database', 'migrate'], environment);
await announceRows(stores, await fillBatch(stores, { id: 'bench', rows, ended: rows }));
await measure('inserting', []);
await measure('replacing', ['--again']);
await runProgram(['database', 'verify'], environment);
const [{ bytes } = { bytes: 0 }] = await postgres.query<{ bytes: number }>(
  "SELECT pg_total_relation_size('kling_sessions.results')::float8 AS bytes",
);
console.log(`  a row: ${(bytes / rows).toFixed(0)} B of PostgreSQL, with indexes, after both`);

/** One event for each row, behind those of the import. */
async function announceRows({ redis: client, keys }: Stores, batch: BatchRef): Promise<void> {
  const first = await stores.feed.firstEventOf(batch);
  const before = await stores.feed.readLatest();
  for (let from = 0; from < rows; from += UNORDERED) {
    const numbers = Array.from(
      { length: Math.min(UNORDERED, rows - from) },
      (_, i) => from + i + 1,
    );
    for (const [index, row] of numbers.toSorted(() => Math.random() - 0.5).entries()) {
      const at = before + from + index;
      const event = Buffer.alloc(EVENT_BYTES);
      event.writeUIntBE(first ?? 0, 0, 5);
      event.writeUInt32BE(row, 5);
      const segment = keys.feedSegment(Math.floor(at / EVENTS_PER_SEGMENT));
      void client.setrange(segment, (at % EVENTS_PER_SEGMENT) * EVENT_BYTES, event);
    }
    await client.hset(keys.feed, 'events', before + from + numbers.length);
  }
  // Only these are to be copied.
  const drop = Math.floor(before / EVENTS_PER_SEGMENT);
  await client.hset(keys.feed, 'dropped', drop);
}

async function measure(what: string, flags: string[]): Promise<void> {
  const redisBefore = await redis.cpuTimeS();
  const serverBefore = serverCpuS();
  const used = await runProgram(['database', 'backfill', ...flags], environment);
  const server = serverCpuS() - serverBefore;
  const redisS = (await redis.cpuTimeS()) - redisBefore;
  const us = (seconds: number): string => `${((seconds / rows) * 1e6).toFixed(1)} µs`;
  console.log(
    `  ${what}: ${Math.round(rows / used.wallS)} rows/s (${used.wallS.toFixed(1)} s), at most ${Math.round(used.maxRssBytes / 1e6)} MB; a row costs ${us(used.cpuS)} of this program, ${us(redisS)} of Redis, ${us(server)} of PostgreSQL`,
  );
}

/** Of its sessions that have ended. */
function serverCpuS(): number {
  return cpuTimeOf(postgres.pid)?.children ?? 0;
}
