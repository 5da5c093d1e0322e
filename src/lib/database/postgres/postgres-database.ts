import { type Client, escapeIdentifier } from 'pg';
import type { BatchRef } from '../../core/batch/batch.ts';
import { FIRST_POSITION } from '../../core/feed/position.ts';
import type { ResultRecord } from '../result-record.ts';
import type {
  CopyPlace,
  DatabasePage,
  Duplicate,
  PackedRows,
  ResultsDatabase,
} from '../results-database.ts';
import { describePlace, type PostgresAddress } from './address.ts';
import { divideRefused, packRows, upsertResults } from './columns.ts';
import { Connection } from './connection.ts';
import { requireVersion } from './migrations.ts';
import { type StoredResult, selectResults, toResultRecord } from './stored-result.ts';
import { isRefusedValue } from './trouble.ts';
import { upsertBatches } from './upsert-batches.ts';

interface StoredPlace {
  event: string;
  row_number: number;
  generation: number;
  writes: string;
}

/** Results in PostgreSQL 13 or later. */
export class PostgresDatabase implements ResultsDatabase {
  readonly place: string;
  readonly #connection: Connection;
  readonly #schemaName: string;
  /** Quoted. Every name is written with it, so that no session has to have a search path. */
  readonly #schema: string;

  constructor(address: PostgresAddress, schema: string) {
    this.place = describePlace(address);
    this.#connection = new Connection(address);
    this.#schemaName = schema;
    this.#schema = escapeIdentifier(schema);
  }

  async tryRights(): Promise<void> {
    await this.#connection.inTransaction(async (client) => {
      await requireVersion(client, this.#schemaName);
      for (const table of ['feeds', 'batches', 'results']) {
        // Checks each right and whether writes are accepted, and changes nothing.
        await client.query(`SELECT 1 FROM ${this.#schema}.${table} WHERE false FOR UPDATE`);
        await client.query(
          `INSERT INTO ${this.#schema}.${table} SELECT * FROM ${this.#schema}.${table} WHERE false`,
        );
      }
    });
  }

  async readPlace(feedId: string): Promise<CopyPlace> {
    return await this.#connection.inTransaction(async (client) => {
      await requireVersion(client, this.#schemaName);
      return (await this.#selectPlace(client, feedId)) ?? (await this.#begin(client, feedId));
    });
  }

  async #selectPlace(client: Client, feedId: string): Promise<CopyPlace | null> {
    const { rows } = await client.query<StoredPlace>(
      `SELECT event, row_number, generation, writes FROM ${this.#schema}.feeds WHERE id = $1`,
      [feedId],
    );
    const [stored] = rows;
    if (stored === undefined) return null;
    const { event, row_number: row, generation, writes } = stored;
    return {
      feedId,
      position: { event: Number(event), row },
      generation,
      writes: Number(writes),
    };
  }

  async #begin(client: Client, feedId: string): Promise<CopyPlace> {
    await client.query(
      `INSERT INTO ${this.#schema}.feeds (id) VALUES ($1) ON CONFLICT (id) DO NOTHING`,
      [feedId],
    );
    return { feedId, position: FIRST_POSITION, generation: 0, writes: 0 };
  }

  pack(records: readonly ResultRecord[]): PackedRows {
    return packRows(records);
  }

  async write(place: CopyPlace, page: DatabasePage): Promise<CopyPlace | null> {
    return await this.#connection.inTransaction(async (client) => {
      // First, because it makes any other writer wait.
      const { rowCount } = await client.query(
        `UPDATE ${this.#schema}.feeds SET event = $3, row_number = $4, writes = writes + 1, copied_at = now() WHERE id = $1 AND writes = $2`,
        [place.feedId, place.writes, page.next.event, page.next.row],
      );
      if (rowCount === 0) return null;
      await upsertBatches(client, this.#schema, place.feedId, page.batches);
      for (const results of page.results) await this.#writeResults(client, results);
      return { ...place, position: page.next, writes: place.writes + 1 };
    });
  }

  /**
   * Halving finds the value that the server cannot hold. Its row is stored without its cells, because every other
   * value is made by this program.
   */
  async #writeResults(client: Client, results: PackedRows): Promise<void> {
    await client.query('SAVEPOINT page');
    try {
      await client.query(upsertResults(this.#schema), [...results.columns]);
    } catch (error) {
      const parts = isRefusedValue(error) ? divideRefused(results) : null;
      if (parts === null) throw error;
      await client.query('ROLLBACK TO SAVEPOINT page');
      for (const part of parts) await this.#writeResults(client, part);
    }
  }

  async rewind(feedId: string): Promise<CopyPlace> {
    await this.readPlace(feedId);
    return await this.#connection.inTransaction(async (client) => {
      await client.query(
        `UPDATE ${this.#schema}.feeds SET event = 1, row_number = 0, generation = generation + 1, writes = writes + 1 WHERE id = $1`,
        [feedId],
      );
      const place = await this.#selectPlace(client, feedId);
      if (place === null) throw new Error(`feed ${feedId} is gone`);
      return place;
    });
  }

  async findDuplicates(
    batch: BatchRef,
    rows: readonly number[],
    after: number,
    limit: number,
  ): Promise<Duplicate[]> {
    return await this.#connection.inTransaction(async (client) => {
      const { rows: found } = await client.query<Duplicate>(
        `SELECT row_number AS "row", duplicate_of AS "of" FROM ${this.#schema}.results ` +
          "WHERE batch_id = $1 AND incarnation = $2 AND duplicate_of = ANY ($3::int[]) AND status = 'duplicate' " +
          'AND row_number > $4 ORDER BY row_number LIMIT $5',
        [batch.id, batch.incarnation, rows, after, limit],
      );
      return found;
    });
  }

  async readRows(batch: BatchRef, from: number, to: number): Promise<ResultRecord[]> {
    return await this.#connection.inTransaction(async (client) => {
      const { rows } = await client.query<StoredResult>(selectResults(this.#schema), [
        batch.id,
        batch.incarnation,
        from,
        to,
      ]);
      return rows.map(toResultRecord);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.end();
  }
}
