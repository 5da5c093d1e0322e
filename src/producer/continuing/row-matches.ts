const FIRST_CAPACITY = 1 << 12;

/** A row of a batch that a row of a manifest is. */
export interface Match {
  /** The row's number in the batch. */
  known: number;
  /** Whether the video is the same; a row with the same key may have another one. */
  isSame: boolean;
}

/** Which row of a batch each row of a manifest is: 4 bytes a row, for up to 2,147,483,647 rows. */
export class RowMatches {
  /** Twice the row of the batch, and 1 when its video is the same; 0 for none. */
  #rows = new Uint32Array(FIRST_CAPACITY);

  set(row: number, { known, isSame }: Match): void {
    if (row >= this.#rows.length) {
      const longer = new Uint32Array(Math.max(2 * this.#rows.length, row + 1));
      longer.set(this.#rows);
      this.#rows = longer;
    }
    this.#rows[row] = known * 2 + (isSame ? 1 : 0);
  }

  get(row: number): Match | null {
    const packed = this.#rows[row] ?? 0;
    return packed === 0 ? null : { known: Math.floor(packed / 2), isSame: packed % 2 === 1 };
  }
}
