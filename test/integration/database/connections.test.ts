import { chown, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { expect, it } from 'vitest';
import { migrate } from '../../../src/lib/database/postgres/migrations.ts';
import { withBatch } from '../../contract/batch-store/examples.ts';
import { PrivateBouncer } from '../../setup/postgres/private-bouncer.ts';
import { asOrdinaryUser, PrivatePostgres } from '../../setup/postgres/private-postgres.ts';
import { opened } from '../store/steering-bench.ts';
import { addressOf, DatabaseLab, describeWithPostgres, serverForFile } from './database-lab.ts';

const server = serverForFile();
const PAGE = new URL('../../../docs/results-database.md', import.meta.url);

/** A user who has what the page says workers need. */
async function createWorker(lab: DatabaseLab, name: string): Promise<string> {
  const page = await readFile(PAGE, 'utf8');
  const grants = page.match(/^GRANT .*;$/gm) ?? [];
  expect(grants).toHaveLength(3);
  await lab.server.query(`CREATE USER ${name} PASSWORD 'secret'`);
  for (const grant of grants) {
    const own = grant.replaceAll('kling_sessions', lab.schema).replaceAll('kling_worker', name);
    await lab.server.query(own);
  }
  return lab.server.url({ user: name });
}

describeWithPostgres('the results database', () => {
  it('the database takes results from a user who has only the rights that the page lists', async () => {
    await using lab = await DatabaseLab.open(server());
    const database = lab.open(await createWorker(lab, 'worker_1'));
    await withBatch(lab.bench.store, 2);
    await lab.bench.end(1, opened('one'));

    await database.tryRights();
    expect(await lab.copy(lab.copierOf(database))).toBe(1);
    await database.rewind(await lab.bench.feed.readId());
    expect(await lab.copy(lab.copierOf(database))).toBe(1);
  });

  it.each([
    ['SELECT ON schema_migrations', 'schema_migrations'],
    ['INSERT ON results', 'results'],
    ['UPDATE ON batches', 'batches'],
    ['SELECT ON feeds', 'feeds'],
  ])('the database connection says so without the right %s', async (right, table) => {
    await using lab = await DatabaseLab.open(server());
    const user = `worker_${table}`;
    const database = lab.open(await createWorker(lab, user));
    await lab.server.query(`REVOKE ${right.replace('ON ', `ON ${lab.schema}.`)} FROM ${user}`);

    const refused = { kind: 'access', message: expect.stringContaining('"Rights" in docs') };
    await expect(database.tryRights()).rejects.toMatchObject(refused);
  });

  it('the database is used through PgBouncer, which gives each transaction another session', async () => {
    await using bouncer = await PrivateBouncer.start(server());
    await using lab = await DatabaseLab.open(server());
    await withBatch(lab.bench.store, 200);
    const copier = lab.copierOf(lab.open(bouncer.url));
    for (let row = 1; row <= 20; row += 1) {
      await lab.bench.end(row, opened(`session ${row}`));
      expect(await lab.copy(copier)).toBe(1);
    }
    expect(await migrate(addressOf(bouncer.url), `${lab.schema}_too`)).toEqual(['0001-results']);
    expect(await lab.problems()).toEqual([]);
  });

  it.each([
    [{ password: 'wrong' }, 'access', 'password authentication failed'],
    [{ user: 'stranger' }, 'access', 'password authentication failed'],
    [{ password: '' }, 'access', 'asks for a password'],
    [{ database: 'nowhere' }, 'access', 'does not exist'],
    [{ port: 1 }, 'away', 'connection was refused'],
  ])('the connection says what is wrong with %o, and no password', async (part, kind, words) => {
    await using lab = await DatabaseLab.open(server());
    const database = lab.open(server().url(part));
    const trouble = await database.tryRights().catch((error: unknown) => error);
    expect(trouble).toMatchObject({ kind, message: expect.stringContaining(words) });
    expect(JSON.stringify([trouble, String(trouble)])).not.toMatch(/secret|wrong/);
  });

  it('the connection says what to do when its tables are missing, or those of another version', async () => {
    await using lab = await DatabaseLab.open(server());
    await lab.database.tryRights();
    await lab.server.query(`INSERT INTO ${lab.schema}.schema_migrations VALUES (99, 'later')`);
    const later = { kind: 'schema', message: expect.stringContaining('Update the program.') };
    await expect(lab.database.tryRights()).rejects.toMatchObject(later);
    await expect(migrate(addressOf(server().url()), lab.schema)).rejects.toMatchObject(later);
    await lab.server.query(`DELETE FROM ${lab.schema}.schema_migrations`);
    const earlier = { kind: 'schema', message: expect.stringContaining('database migrate') };
    await expect(lab.database.tryRights()).rejects.toMatchObject(earlier);
    await lab.server.query(`DROP SCHEMA ${lab.schema} CASCADE`);
    await expect(lab.database.tryRights()).rejects.toMatchObject(earlier);
  });

  it('the database is migrated once, however many do so at the same time', async () => {
    const address = addressOf(server().url());
    const done = await Promise.all(Array.from({ length: 4 }, () => migrate(address, 'at_once')));
    expect(done.flat()).toEqual(['0001-results']);
  });

  it('the database must have an encoding that holds every text', async () => {
    await server().query("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    const address = addressOf(server().url({ database: 'latin' }));
    await expect(migrate(address, 'any')).rejects.toMatchObject({
      message: expect.stringContaining("ENCODING 'UTF8'"),
    });
  });

  it('a database that is read-only refuses writes', async () => {
    await using lab = await DatabaseLab.open(server());
    const url = await createWorker(lab, 'reader_only');
    await lab.server.query('ALTER USER reader_only SET default_transaction_read_only = on');
    await expect(lab.open(url).tryRights()).rejects.toMatchObject({ kind: 'refuses_writes' });
  });

  it('a server that accepts and says nothing is given up', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await using lab = await DatabaseLab.open(server());
    const { port } = silent.address() as { port: number };
    const trouble = { kind: 'away', message: expect.stringContaining('no answer in time') };
    await expect(
      lab.open(`${lab.server.url({ port })}?connect_timeout=1`).tryRights(),
    ).rejects.toMatchObject(trouble);
    silent.close();
  });
});

describeWithPostgres('TLS to the results database', () => {
  it('the TLS of a connection is what sslmode asks for, as psql means it', async () => {
    const files = await makeCertificate();
    await using secure = await PrivatePostgres.start(['ssl=off']);
    for (const name of ['cert', 'key'] as const) {
      const path = join(secure.folder, name);
      await writeFile(path, files[name], { mode: 0o600 });
      if (asOrdinaryUser.uid !== undefined) await chown(path, asOrdinaryUser.uid, -1);
    }
    const path = (name: string): string => encodeURIComponent(join(secure.folder, name));
    const isEncrypted = async (parameters: string): Promise<boolean | string> => {
      await using lab = await DatabaseLab.open(secure);
      const database = lab.open(`${secure.url()}?${parameters}`);
      try {
        await database.tryRights();
      } catch (error) {
        return (error as { kind: string }).kind;
      }
      const [row] = await secure.query<{ ssl: boolean }>(
        "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'kling-sessions'",
      );
      return row?.ssl ?? 'gone';
    };
    expect(await isEncrypted('sslmode=prefer')).toBe(false);
    expect(await isEncrypted('sslmode=require')).toBe('access');
    await secure.kill('SIGINT');
    const { folder } = secure;
    secure.settings = ['ssl=on', `ssl_cert_file=${folder}/cert`, `ssl_key_file=${folder}/key`];
    await secure.restart();

    expect(await isEncrypted('sslmode=disable')).toBe(false);
    expect(await isEncrypted('')).toBe(true);
    expect(await isEncrypted('sslmode=require')).toBe(true);
    expect(await isEncrypted('sslmode=verify-full')).toBe('access');
    expect(await isEncrypted(`sslmode=verify-ca&sslrootcert=${path('cert')}`)).toBe(true);
    expect(await isEncrypted(`sslmode=verify-full&sslrootcert=${path('cert')}`)).toBe('access');
    expect(await isEncrypted('sslmode=verify-full&sslrootcert=/none')).toBe('access');
  });
});

/** For another host than the server's. */
async function makeCertificate(): Promise<{ cert: string; key: string }> {
  const made = await generate([{ name: 'commonName', value: 'elsewhere.example' }], {
    extensions: [{ name: 'basicConstraints', cA: true }],
  });
  return { cert: made.cert, key: made.private };
}
