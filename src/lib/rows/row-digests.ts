import { SpilledDigests } from './spilled-digests.ts';
import { TextDigest } from './text-digest.ts';

const FIRST_CAPACITY = 1 << 12;
const FULL = 0.6;

/** Digests in memory, which take 6 MB; then they move to a file. */
const IN_MEMORY = 1 << 18;

/**
 * Finds rows that repeat an earlier one, cell by cell, from digests of 64 bits. In a million rows, the probability
 * that two different rows share a digest is below 1 in 10 million. The latest 262,144 are in a hash table in typed
 * arrays (a JavaScript Map takes ten times the memory). Earlier ones keep 12 bits each in memory and 12 bytes in a
 * temporary file. Every method throws the file system's errors.
 */
export class RowDigests implements Disposable {
  readonly #inMemory: number;
  readonly #earlier = new SpilledDigests();
  readonly #digest = new TextDigest();
  #capacity = FIRST_CAPACITY;
  #high = new Uint32Array(FIRST_CAPACITY);
  #low = new Uint32Array(FIRST_CAPACITY);
  /** 0 marks an empty place. */
  #rows = new Uint32Array(FIRST_CAPACITY);
  #size = 0;

  constructor(inMemory = IN_MEMORY) {
    this.#inMemory = inMemory;
  }

  /** The earlier row with the same cells; null when this is the first one, which is then remembered. */
  findOrAdd(cells: readonly string[], row: number): number | null {
    const { high, low } = this.#digestOf(cells);
    return this.findOrAddDigest(high, low, row);
  }

  /** The row with the same cells; null for none. Remembers nothing. */
  find(cells: readonly string[]): number | null {
    const { high, low } = this.#digestOf(cells);
    const known = this.#rows[this.#placeOf(high, low)] ?? 0;
    return known === 0 ? this.#earlier.find(high, low) : known;
  }

  #digestOf(cells: readonly string[]): TextDigest {
    this.#digest.of(cells);
    return this.#digest;
  }

  /** The same for a digest that was computed before, by one `TextDigest` for all rows. */
  findOrAddDigest(high: number, low: number, row: number): number | null {
    const place = this.#placeOf(high, low);
    const known = this.#rows[place] ?? 0;
    if (known !== 0) return known;
    const earlier = this.#earlier.find(high, low);
    if (earlier !== null) return earlier;
    this.#put(place, high, low, row);
    this.#size += 1;
    if (this.#size >= this.#inMemory) this.#spill();
    else if (this.#size > this.#capacity * FULL) this.#grow();
    return null;
  }

  /** The place of the digest, or the empty place for it. */
  #placeOf(high: number, low: number): number {
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
      this.#put(this.#placeOf(high, low), high, low, row);
    });
  }

  #spill(): void {
    this.#earlier.add({ high: this.#high, low: this.#low, rows: this.#rows }, this.#size);
    this.#rows.fill(0);
    this.#size = 0;
  }

  [Symbol.dispose](): void {
    this.#earlier[Symbol.dispose]();
  }
}
