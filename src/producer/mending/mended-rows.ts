import type { Batch } from '../../lib/core/batch/batch.ts';
import type { FindContext } from '../../lib/rows/find-rows.ts';
import { RowSet } from '../row-set.ts';
import { findOpenRows } from './find-open-rows.ts';

/** A row of a mending batch. */
export interface MendingRow {
  mending: Batch;
  row: number;
}

/** Which row of a mending batch stands for each row of a batch, in 6 bytes a row of the batch. */
export class MendedRows {
  readonly #mending: readonly Batch[];
  readonly #rows: Uint32Array;
  /** Places in `#mending`, from 1; 0 for none. */
  readonly #places: Uint16Array;
  /** Rows with sessions that stand for no row, by mending batch. */
  readonly unmatched: ReadonlyMap<Batch, RowSet>;
  /** Rows of the batch for which one stands. */
  count = 0;

  private constructor(batch: Batch, mending: readonly Batch[]) {
    this.#mending = mending;
    this.#rows = new Uint32Array(batch.rows + 1);
    this.#places = new Uint16Array(batch.rows + 1);
    this.unmatched = new Map(mending.map((other) => [other, new RowSet()]));
  }

  static async find(
    context: FindContext,
    batch: Batch,
    mending: readonly Batch[],
  ): Promise<MendedRows> {
    const mended = new MendedRows(batch, mending);
    await findOpenRows(context, batch, mending, (other, row, found) => {
      if (found === null) mended.unmatched.get(other)?.add(row);
      else mended.#set(found, mending.indexOf(other), row);
    });
    return mended;
  }

  #set(found: number, place: number, row: number): void {
    this.#rows[found] = row;
    this.#places[found] = place + 1;
    this.count += 1;
  }

  get(row: number): MendingRow | null {
    const mending = this.#mending[(this.#places[row] ?? 0) - 1];
    return mending === undefined ? null : { mending, row: this.#rows[row] ?? 0 };
  }

  get unmatchedCount(): number {
    return [...this.unmatched.values()].reduce((sum, { size }) => sum + size, 0);
  }
}
