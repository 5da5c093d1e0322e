// Copying results into a local PostgreSQL by `database backfill`: rows per second, CPU time of this program, Redis and
// the server, and the program's memory. Every row has an event of its own, as after calls that ended in any order. The
// second run replaces all rows. `--long`: 1,000,000 rows instead of 200,000; `--against <dist>`: with another build, in
// turn, `--rounds` times.
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { BatchRef } from '../src/lib/core/batch/batch.ts';
import { EVENT_BYTES, EVENTS_PER_SEGMENT } from '../src/lib/store/redis/packing/pack-feed-event.ts';
import { openStores, type Stores } from '../src/library/wiring/stores.ts';
import { PrivatePostgres } from '../test/setup/postgres/private-postgres.ts';
import { startBenchRedis } from './lab/bench-redis.ts';
import { cpuTimeOf } from './lab/cpu-time.ts';
import { fillBatch } from './lab/fill-batch.ts';
import { runProgram } from './lab/run-program.ts';

/** Rows end in another order than they began, within so many. */
const UNORDERED = 500;
const OURS = join(import.meta.dirname, '..', 'dist');

const { values } = parseArgs({
  options: {
    long: { type: 'boolean', default: false },
    against: { type: 'string' },
    rounds: { type: 'string', default: '3' },
  },
});
const rows = values.long ? 1_000_000 : 200_000;

await using redis = await startBenchRedis();
await using postgres = await PrivatePostgres.start(['fsync=on']);
await using stores = await openStores(
  { REDIS_URL: redis.url },
  { name: 'bench', patience: 'patient' },
);
console.log(`${rows} rows, ${cpus().length} cores, Node ${process.version}`);
await announceRows(stores, await fillBatch(stores, { id: 'bench', rows, ended: rows }));
const { against } = values;
const builds = against === undefined ? [OURS] : [resolve(against), OURS];
for (let round = 0; round < (against === undefined ? 1 : Number(values.rounds)); round += 1) {
  for (const [index, dist] of builds.entries()) {
    await copyTwice(dist, `round_${round}_${index}`);
  }
}

/** One event for each row, and none else that is still there. */
async function announceRows({ redis: client, keys, feed }: Stores, batch: BatchRef): Promise<void> {
  const first = await feed.firstEventOf(batch);
  const dropped = Math.ceil((await feed.readLatest()) / EVENTS_PER_SEGMENT);
  const before = dropped * EVENTS_PER_SEGMENT;
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
  await client.hset(keys.feed, 'dropped', dropped);
}

async function copyTwice(dist: string, schema: string): Promise<void> {
  const environment = {
    REDIS_URL: redis.url,
    RESULTS_DATABASE_URL: postgres.url(),
    RESULTS_DATABASE_SCHEMA: schema,
  };
  console.log(dist);
  await runProgram(['database', 'migrate'], environment, dist);
  await measure('inserting', []);
  await measure('replacing', ['--again']);
  await runProgram(['database', 'verify'], environment, dist);
  const [{ bytes } = { bytes: 0 }] = await postgres.query<{ bytes: number }>(
    `SELECT pg_total_relation_size('${schema}.results')::float8 AS bytes`,
  );
  console.log(`  a row: ${(bytes / rows).toFixed(0)} B of PostgreSQL, with indexes, after both`);
  await postgres.query(`DROP SCHEMA ${schema} CASCADE`);

  async function measure(what: string, flags: string[]): Promise<void> {
    await postgres.query('CHECKPOINT');
    const redisBefore = await redis.cpuTimeS();
    const serverBefore = serverCpuS();
    const used = await runProgram(['database', 'backfill', '--json', ...flags], environment, dist);
    const server = serverCpuS() - serverBefore;
    const redisS = (await redis.cpuTimeS()) - redisBefore;
    const { copied } = JSON.parse(used.stdout) as { copied: number };
    if (copied !== rows) throw new Error(`${copied} changes were copied, and ${rows} are there.`);
    const us = (seconds: number): string => `${((seconds / rows) * 1e6).toFixed(1)} µs`;
    console.log(
      `  ${what}: ${Math.round(rows / used.wallS)} rows/s (${used.wallS.toFixed(1)} s), at most ${Math.round(used.maxRssBytes / 1e6)} MB; a row costs ${us(used.cpuS)} of this program, ${us(redisS)} of Redis, ${us(server)} of PostgreSQL`,
    );
  }
}

/** CPU time of the server's processes, in s: those that run, and those that have ended. */
function serverCpuS(): number {
  const { pid } = postgres;
  const running = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  const own = running.map((child) => cpuTimeOf(Number(child))?.own ?? 0);
  return own.reduce((sum, seconds) => sum + seconds, cpuTimeOf(pid)?.children ?? 0);
}
