import { readFileSync } from 'node:fs';
import { type Client, escapeIdentifier } from 'pg';
import { DatabaseTrouble } from '../database-trouble.ts';
import type { PostgresAddress } from './address.ts';
import { Connection } from './connection.ts';

/** In order; the position is the version, from 1. A released migration never changes: add another one. */
const MIGRATIONS = ['0001-results'] as const;

/** The version of the tables that this program reads and writes. */
const SCHEMA_VERSION = MIGRATIONS.length;

/** Any number that no other program is likely to take. */
const LOCK = 7_311_520_074;

const ADVICE = 'Run `kling-sessions database migrate`.';

/**
 * Creates the tables, or upgrades them to this version, in one transaction; a second process waits for the first.
 * Returns what was done; nothing the second time. @throws DatabaseTrouble; also when the tables are of a later
 * version.
 */
export async function migrate(address: PostgresAddress, schema: string): Promise<string[]> {
  const connection = new Connection(address);
  try {
    return await connection.inTransaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
      await requireUtf8(client);
      await createSchema(client, schema);
      await client.query(`SET LOCAL search_path TO ${escapeIdentifier(schema)}`);
      await client.query(
        'CREATE TABLE IF NOT EXISTS schema_migrations (version integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())',
      );
      return await applyMissing(client, await readVersion(client, 'schema_migrations'));
    });
  } finally {
    connection.end();
  }
}

async function applyMissing(client: Client, version: number): Promise<string[]> {
  requireKnown(version);
  const missing = MIGRATIONS.slice(version);
  for (const [index, name] of missing.entries()) {
    await client.query(readFileSync(new URL(`./migrations/${name}.sql`, import.meta.url), 'utf8'));
    await client.query('INSERT INTO schema_migrations (version, name) VALUES ($1, $2)', [
      version + index + 1,
      name,
    ]);
  }
  return [...missing];
}

/** `IF NOT EXISTS` requires the right to create a schema even if it exists. */
async function createSchema(client: Client, schema: string): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [
    schema,
  ]);
  if (rowCount === 0) await client.query(`CREATE SCHEMA ${escapeIdentifier(schema)}`);
}

async function requireUtf8(client: Client): Promise<void> {
  const { rows } = await client.query<{ server_encoding: string }>('SHOW server_encoding');
  const encoding = rows[0]?.server_encoding;
  if (encoding === 'UTF8') return;
  throw new DatabaseTrouble(
    'access',
    `The results database has the encoding ${encoding}, which cannot hold every text. Create it with ENCODING 'UTF8'.`,
  );
}

async function readVersion(client: Client, table: string): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    `SELECT coalesce(max(version), 0)::int AS version FROM ${table}`,
  );
  return rows[0]?.version ?? 0;
}

function requireKnown(version: number): void {
  if (version <= SCHEMA_VERSION) return;
  throw new DatabaseTrouble(
    'schema',
    `The results database has tables of version ${version}, and this program knows ${SCHEMA_VERSION}. Update the program.`,
  );
}

/** @throws DatabaseTrouble when the tables are not those of this version. */
export async function requireVersion(client: Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ there: boolean }>(
    'SELECT EXISTS (SELECT 1 FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid WHERE n.nspname = $1 AND c.relname = $2) AS there',
    [schema, 'schema_migrations'],
  );
  if (rows[0]?.there !== true) {
    throw new DatabaseTrouble(
      'schema',
      `The results database has no tables in the schema ${schema}. ${ADVICE}`,
    );
  }
  const version = await readVersion(client, `${escapeIdentifier(schema)}.schema_migrations`);
  requireKnown(version);
  if (version === SCHEMA_VERSION) return;
  throw new DatabaseTrouble(
    'schema',
    `The results database has tables of version ${version}, and this program needs ${SCHEMA_VERSION}. ${ADVICE}`,
  );
}
