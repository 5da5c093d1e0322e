import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { migrate } from '../../../src/lib/database/postgres/migrations.ts';
import { EVENT_BYTES } from '../../../src/lib/store/redis/packing/pack-feed-event.ts';
import { withBatch } from '../../contract/batch-store/examples.ts';
import { PrivatePostgres } from '../../setup/postgres/private-postgres.ts';
import { SmallDisk } from '../../setup/postgres/small-disk.ts';
import { opened } from '../store/steering-bench.ts';
import { addressOf, DatabaseLab, describeWithPostgres, serverForFile } from './database-lab.ts';
import { Keeper } from './keeper.ts';

// Servers are made, killed and restored.
vi.setConfig({ testTimeout: 180_000 });

const server = serverForFile();
const DISK_BYTES = 20_000_000;
const TRIES = 3;

describeWithPostgres('a results database in trouble', () => {
  it('a database that is away costs Redis nine bytes a change, however often it is tried', async () => {
    await using lab = await DatabaseLab.open(server());
    const { redis, keys, prefix, feed } = lab.bench;
    await withBatch(lab.bench.store, 40);
    let tries = 0;
    const closing = createServer((socket) => {
      tries += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(closing, 'listening');
    const { port } = closing.address() as { port: number };
    await using keeper = new Keeper(lab, lab.open(server().url({ port })));
    await keeper.untilTrouble('cannot be reached');
    const before = await redis.keys(`${prefix}*`);
    for (let row = 1; row <= 40; row += 1) await lab.bench.end(row, opened(`session ${row}`));
    const triesBefore = tries;
    await keeper.until(() => expect(tries).toBeGreaterThanOrEqual(triesBefore + TRIES));

    const events = await feed.readLatest();
    expect(await redis.strlen(keys.feedSegment(0))).toBe(events * EVENT_BYTES);
    // What the rows themselves need, and nothing of the database.
    const added = (await redis.keys(`${prefix}*`)).filter((key) => !before.includes(key));
    expect(added.filter((key) => key.includes('database'))).toEqual([]);
    expect(keeper.lines).toEqual(['results database lost, waiting for it']);
    closing.close();
  });

  it('a database that becomes read-only is reported, and catches up when it takes writes again', async () => {
    await using lab = await DatabaseLab.open(server());
    await withBatch(lab.bench.store, 4);
    await lab.server.query("CREATE USER copier SUPERUSER PASSWORD 'secret'");
    await using keeper = new Keeper(lab, lab.open(lab.server.url({ user: 'copier' })));
    await lab.bench.end(1, opened('one'));
    await keeper.settle();
    await lab.server.query('ALTER USER copier SET default_transaction_read_only = on');
    await endSessionsOf(lab, 'copier');
    await lab.bench.end(2, opened('two'));
    await keeper.untilTrouble('It is read-only');
    await lab.bench.end(3, opened('three'));
    await lab.server.query('ALTER USER copier SET default_transaction_read_only = off');
    await endSessionsOf(lab, 'copier');
    await untilCurrent(keeper);

    expect(await lab.statuses()).toEqual({ 1: 'succeeded', 2: 'succeeded', 3: 'succeeded' });
    expect(await lab.problems()).toEqual([]);
    expect(keeper.lines).toContain('results database takes nothing, waiting for it');
  });

  it('a database whose disk is full is reported, and catches up when there is room', async ({
    skip,
  }) => {
    await using disk = await SmallDisk.mount(DISK_BYTES);
    if (disk === null) return skip('this user may not mount a small disk');
    await using own = await PrivatePostgres.start();
    const place = join(disk.folder, 'tables');
    await disk.makeFolder('tables');
    await own.query(`CREATE TABLESPACE small LOCATION '${place}'`);
    await own.query('CREATE DATABASE small TABLESPACE small');
    const url = own.url({ database: 'small' });
    await using lab = await DatabaseLab.open(own);
    await migrate(addressOf(url), lab.schema);
    await withBatch(lab.bench.store, 60);
    await using keeper = new Keeper(lab, lab.open(url));
    await lab.bench.end(1, opened('one'));
    await keeper.settle();
    await disk.fill();
    for (let row = 2; row <= 60; row += 1) await lab.bench.end(row, opened(`session ${row}`));
    await keeper.untilTrouble('make room');
    await disk.makeRoom();
    await untilCurrent(keeper);

    const count = `SELECT count(*)::int, count(DISTINCT session_id)::int AS sessions FROM ${lab.schema}.results`;
    expect(await own.query(count, [], url)).toEqual([{ count: 60, sessions: 60 }]);
  });

  it('a database that is restarted in the middle of a transaction has each row once', async () => {
    await using own = await PrivatePostgres.start();
    await using lab = await DatabaseLab.open(own);
    await withBatch(lab.bench.store, 40);
    // Rows wait in the transaction until the server is another one.
    await own.query(`CREATE FUNCTION ${lab.schema}.wait() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF pg_postmaster_start_time() = '${await startOf(own)}' THEN PERFORM pg_sleep(60); END IF;
        RETURN NULL;
      END $$`);
    await own.query(
      `CREATE TRIGGER wait AFTER INSERT ON ${lab.schema}.results FOR EACH STATEMENT EXECUTE FUNCTION ${lab.schema}.wait()`,
    );
    await using keeper = new Keeper(lab, lab.open());
    for (let row = 1; row <= 40; row += 1) await lab.bench.end(row, opened(`session ${row}`));
    await keeper.until(async () => {
      const sleeping = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
      expect(await own.query(sleeping)).toHaveLength(1);
    });
    await own.kill('SIGQUIT');
    await own.restart();
    await untilCurrent(keeper);

    expect(await lab.select('count(*)::int', 'results')).toEqual([{ count: 40 }]);
    expect(await lab.problems()).toEqual([]);
  });
});

const untilCurrent = (keeper: Keeper): Promise<void> =>
  keeper.until(async () => {
    expect(await keeper.settle()).toMatchObject({ trouble: null, behindSinceMs: null });
  });

async function endSessionsOf({ server: own }: DatabaseLab, user: string): Promise<void> {
  await own.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [
    user,
  ]);
}

async function startOf(server: PrivatePostgres): Promise<string> {
  const [row] = await server.query<{ at: string }>('SELECT pg_postmaster_start_time()::text AS at');
  return row?.at ?? '';
}
