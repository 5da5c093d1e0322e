import type { Batch } from '../../lib/core/batch/batch.ts';
import { chunkOfRow } from '../../lib/core/batch/chunk.ts';
import type { ManifestShape } from '../../lib/core/manifest/manifest.ts';
import type { Outcome } from '../../lib/core/row/outcome.ts';
import type { RowReading } from '../../lib/results/read-results.ts';
import type { FindContext } from '../../lib/rows/find-rows.ts';
import { readMendedReport } from '../mending/mended-report.ts';
import { MendedRows } from '../mending/mended-rows.ts';
import {
  readStandings,
  type Standings,
  type StandingsContext,
  standingsOf,
} from './read-standings.ts';

/** A row of a batch. */
interface Place {
  batchId: string;
  row: number;
}

/** Rows of the batches that mend the batch, and the stores that they are read from. */
interface Mended {
  rows: MendedRows;
  reading: RowReading;
}

/**
 * What a manifest is compared with: a batch or, if others mend it, the table that `results --with-mends` shows. Its rows
 * have the numbers of the batch's rows; sessions that match no row follow after the last one.
 */
export class ContinuedTable {
  readonly batch: Batch;
  /** The batches that the table was before, newest first. Their rows have numbers after those of the table's own. */
  readonly before: readonly Batch[];
  readonly #context: StandingsContext;
  readonly #mended: Mended | null;
  /** The sessions that match no row. */
  readonly #others: readonly Place[];

  private constructor(
    context: StandingsContext,
    batch: Batch,
    mended: Mended | null,
    before: readonly Batch[],
  ) {
    this.batch = batch;
    this.before = before;
    this.#context = context;
    this.#mended = mended;
    this.#others = [...(mended?.rows.unmatched ?? [])].flatMap(([mending, rows]) =>
      Array.from(rows, (row) => ({ batchId: mending.id, row })),
    );
  }

  /** The table of a batch alone. */
  static of(context: StandingsContext, batch: Batch): ContinuedTable {
    return new ContinuedTable(context, batch, null, []);
  }

  /** The table of a batch with the batches that mend it and those that the table was before. */
  static async withMends(
    context: FindContext & StandingsContext,
    batch: Batch,
    mending: readonly Batch[],
    before: readonly Batch[],
  ): Promise<ContinuedTable> {
    if (mending.length === 0) return new ContinuedTable(context, batch, null, before);
    const rows = await MendedRows.find(context, batch, mending);
    return new ContinuedTable(context, batch, { rows, reading: context }, before);
  }

  get shape(): ManifestShape {
    return this.batch.shape;
  }

  /** With the sessions that match no row. */
  get rows(): number {
    return this.batch.rows + this.#others.length;
  }

  /** How many sessions of other batches are in it. */
  get mendedCount(): number {
    return (this.#mended?.rows.count ?? 0) + this.#others.length;
  }

  /** All rows in their order. Throws when a chunk is missing from the store. */
  async *read(nowMs: number): AsyncGenerator<Standings> {
    if (this.#mended === null) {
      yield* readStandings(this.#context, this.batch, nowMs);
      return;
    }
    let row = 0;
    const { rows, reading } = this.#mended;
    for await (const lines of readMendedReport(reading, this.batch, rows, null)) {
      const entries = lines.flatMap((line) => {
        if ('missing' in line) return [];
        row += 1;
        return [{ ...line, row: { ...line.row, row } }];
      });
      yield standingsOf(entries, nowMs);
    }
  }

  /** The rows of one of the batches before, with their own numbers. */
  readBefore(batch: Batch, nowMs: number): AsyncGenerator<Standings> {
    return readStandings(this.#context, batch, nowMs);
  }

  /** The number of a row of one of the batches before. */
  knownIn(batch: Batch, row: number): number {
    const newer = this.before.slice(0, this.before.indexOf(batch));
    return newer.reduce((sum, { rows }) => sum + rows, this.rows + row);
  }

  /** Where the outcome of a row is stored. */
  placeOf(row: number): Place {
    if (row > this.rows) return this.#placeBefore(row - this.rows);
    const other = this.#others[row - this.batch.rows - 1];
    if (other !== undefined) return other;
    const mended = this.#mended?.rows.get(row) ?? null;
    return mended === null
      ? { batchId: this.batch.id, row }
      : { batchId: mended.mending.id, row: mended.row };
  }

  #placeBefore(further: number): Place {
    let row = further;
    for (const { id, rows } of this.before) {
      if (row <= rows) return { batchId: id, row };
      row -= rows;
    }
    throw new Error(`the table of ${this.batch.id} has no row ${this.rows + further}`);
  }

  /** How rows ended, by their numbers in this table. */
  async readOutcomesOf(rows: number[]): Promise<Map<number, Outcome>> {
    const isOfBatch = this.#mended === null && rows.every((row) => row <= this.batch.rows);
    if (isOfBatch) return await this.#context.store.readOutcomesOf(this.batch.id, rows);
    const places = rows.map((row) => ({ known: row, ...this.placeOf(row) }));
    const found = new Map<number, Outcome>();
    for (const batchId of new Set(places.map((place) => place.batchId))) {
      const some = places.filter((place) => place.batchId === batchId);
      const outcomes = await this.#context.store.readOutcomesOf(
        batchId,
        some.map(({ row }) => row),
      );
      for (const { known, row } of some) {
        const outcome = outcomes.get(row);
        if (outcome !== undefined) found.set(known, outcome);
      }
    }
    return found;
  }

  /** How rows ended before they ended as they did, oldest first; only those that have more than one end. */
  async readEarlierOf(rows: readonly number[]): Promise<Map<number, Outcome[]>> {
    const found = new Map<number, Outcome[]>();
    const chunks = new Map<string, Promise<Map<number, Outcome[]>>>();
    for (const known of rows) {
      const { batchId, row } = this.placeOf(known);
      const chunk = chunkOfRow(row);
      const key = `${batchId} ${chunk}`;
      const reading = chunks.get(key) ?? this.#context.store.readAllEarlier(batchId, chunk);
      chunks.set(key, reading);
      const earlier = (await reading).get(row);
      if (earlier !== undefined) found.set(known, earlier);
    }
    return found;
  }
}
