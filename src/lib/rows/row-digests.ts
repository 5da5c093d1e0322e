import { hash } from 'node:crypto';

const FIRST_CAPACITY = 1 << 12;
const FULL = 0.6;

/**
 * Finds rows that repeat an earlier one, cell by cell: a hash table of 64-bit digests in typed arrays, about
 * 20 bytes a row (a JavaScript Map takes ten times that). Two different rows share a digest with a probability
 * below 1 in 10 million for a million rows.
 */
export class RowDigests {
  #capacity = FIRST_CAPACITY;
  #high = new Uint32Array(FIRST_CAPACITY);
  #low = new Uint32Array(FIRST_CAPACITY);
  /** 0 is an empty place. */
  #rows = new Uint32Array(FIRST_CAPACITY);
  #size = 0;

  /** The earlier row with the same cells; null when this is the first, which is then remembered. */
  findOrAdd(cells: readonly string[], row: number): number | null {
    const digest = hash('sha1', cells.join('\u0000'), 'buffer');
    const high = digest.readUInt32LE(0);
    const low = digest.readUInt32LE(4);
    const place = this.#find(high, low);
    const known = this.#rows[place] ?? 0;
    if (known !== 0) return known;
    this.#put(place, high, low, row);
    if (++this.#size > this.#capacity * FULL) this.#grow();
    return null;
  }

  /** Where the digest is, or the empty place where it belongs. */
  #find(high: number, low: number): number {
    let place = low & (this.#capacity - 1);
    while (this.#rows[place] !== 0 && !(this.#high[place] === high && this.#low[place] === low)) {
      place = (place + 1) & (this.#capacity - 1);
    }
    return place;
  }

  #put(place: number, high: number, low: number, row: number): void {
    this.#high[place] = high;
    this.#low[place] = low;
    this.#rows[place] = row;
  }

  #grow(): void {
    const [highs, lows, rows] = [this.#high, this.#low, this.#rows];
    this.#capacity *= 2;
    this.#high = new Uint32Array(this.#capacity);
    this.#low = new Uint32Array(this.#capacity);
    this.#rows = new Uint32Array(this.#capacity);
    rows.forEach((row, place) => {
      if (row === 0) return;
      const [high, low] = [highs[place] ?? 0, lows[place] ?? 0];
      this.#put(this.#find(high, low), high, low, row);
    });
  }
}
