import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe } from 'vitest';
import { hasPostgres } from '../../../scripts/install/postgres.mjs';
import { ResultsCopier } from '../../../src/lib/database/copy-results.ts';
import type { PostgresAddress } from '../../../src/lib/database/postgres/address.ts';
import { parsePostgresAddress } from '../../../src/lib/database/postgres/address.ts';
import { migrate } from '../../../src/lib/database/postgres/migrations.ts';
import { PostgresDatabase } from '../../../src/lib/database/postgres/postgres-database.ts';
import { verifyCopy } from '../../../src/lib/database/verify-copy.ts';
import { PrivatePostgres } from '../../setup/postgres/private-postgres.ts';
import { SteeringBench } from '../store/steering-bench.ts';

/** Skipped where there is no PostgreSQL, except in continuous integration: there it fails. */
export const describeWithPostgres = describe.skipIf(
  !process.env.CI && !hasPostgres(process.env.PATH),
);

/** One server for the tests of a file. */
export function serverForFile(settings: readonly string[] = []): () => PrivatePostgres {
  let server: PrivatePostgres | undefined;
  beforeAll(async () => {
    server = await PrivatePostgres.start(settings);
  });
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]();
  });
  return () => {
    if (server === undefined) throw new Error('the server has not started');
    return server;
  };
}

export function addressOf(url: string): PostgresAddress {
  const parsed = parsePostgresAddress(url);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.address;
}

/** One schema of a server, and batches that are copied into it. */
export class DatabaseLab implements AsyncDisposable {
  readonly server: PrivatePostgres;
  readonly schema = `test_${randomUUID().replaceAll('-', '')}`;
  readonly bench = new SteeringBench();
  readonly #opened: PostgresDatabase[] = [];
  readonly database: PostgresDatabase;
  readonly copier: ResultsCopier;

  private constructor(server: PrivatePostgres) {
    this.server = server;
    this.database = this.open();
    this.copier = this.copierOf(this.database);
  }

  static async open(server: PrivatePostgres): Promise<DatabaseLab> {
    const lab = new DatabaseLab(server);
    await migrate(addressOf(server.url()), lab.schema);
    return lab;
  }

  open(url = this.server.url()): PostgresDatabase {
    const database = new PostgresDatabase(addressOf(url), this.schema);
    this.#opened.push(database);
    return database;
  }

  copierOf(database: PostgresDatabase): ResultsCopier {
    return new ResultsCopier({ ...this.bench, database });
  }

  /** Returns how many results were copied. */
  async copy(copier = this.copier): Promise<number> {
    let copied = 0;
    const onCopied = async ({ results }: { results: number }): Promise<void> => {
      copied = results;
    };
    await copier.copyToEnd({ signal: new AbortController().signal, onCopied });
    return copied;
  }

  /** `sql` begins after the schema: `results WHERE …`. */
  async select<Row extends object>(columns: string, sql: string): Promise<Row[]> {
    return await this.server.query<Row>(`SELECT ${columns} FROM ${this.schema}.${sql}`);
  }

  async statuses(): Promise<Record<number, string>> {
    const rows = await this.select<{ row_number: number; status: string }>(
      'row_number, status',
      'results ORDER BY row_number',
    );
    return Object.fromEntries(rows.map(({ row_number, status }) => [row_number, status]));
  }

  /** What differs between a batch and the database. */
  async problems(id = 'batch-1'): Promise<string[]> {
    const { database } = this;
    const settle = async (): Promise<void> => undefined;
    const found = await verifyCopy({ ...this.bench, database, settle }, await this.bench.batch(id));
    return found.problems;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const database of this.#opened) await database[Symbol.asyncDispose]();
  }
}
