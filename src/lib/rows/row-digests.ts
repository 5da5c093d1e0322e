import { ENTRY_WORDS, SpilledDigests } from './spilled-digests.ts';
import { TextDigest } from './text-digest.ts';

const FIRST_CAPACITY = 1 << 12;
const FULL = 0.6;

/** Digests in memory, which take 6 MB; then they move to a file. */
const IN_MEMORY = 1 << 18;

/**
 * Finds rows that repeat an earlier one, cell by cell, from digests of 64 bits. In a million rows, the probability
 * that two different rows share a digest is below 1 in 10 million. The latest 262,144 are in a hash table in typed
 * arrays (a JavaScript Map takes ten times the memory). Earlier ones keep 16 bits each in memory and 12 bytes in a
 * temporary file. Every method throws the file system's errors.
 */
export class RowDigests implements Disposable {
  readonly #inMemory: number;
  readonly #earlier = new SpilledDigests();
  readonly #digest = new TextDigest();
  #capacity = FIRST_CAPACITY;
  /** All of an entry is in one place of memory: on average, a place is not in the processor's cache. */
  #table = new Uint32Array(FIRST_CAPACITY * ENTRY_WORDS);
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
    return this.findDigest(high, low);
  }

  /** The same for a digest. */
  findDigest(high: number, low: number): number | null {
    const known = this.#table[this.#placeOf(high, low) + 2] ?? 0;
    return known === 0 ? this.#earlier.find(high, low) : known;
  }

  #digestOf(cells: readonly string[]): TextDigest {
    this.#digest.of(cells);
    return this.#digest;
  }

  /** The same for a digest that was computed before, by one `TextDigest` for all rows. */
  findOrAddDigest(high: number, low: number, row: number): number | null {
    const place = this.#placeOf(high, low);
    const known = this.#table[place + 2] ?? 0;
    if (known !== 0) return known;
    const earlier = this.#earlier.find(high, low);
    if (earlier !== null) return earlier;
    this.#put(place, high, low, row);
    this.#size += 1;
    if (this.#size >= this.#inMemory) this.#spill();
    else if (this.#size > this.#capacity * FULL) this.#grow();
    return null;
  }

  /** Where the entry of the digest begins, or where there is room for it. */
  #placeOf(high: number, low: number): number {
    const table = this.#table;
    const last = this.#capacity - 1;
    let entry = low & last;
    for (;;) {
      const place = entry * ENTRY_WORDS;
      if (table[place + 2] === 0) return place;
      if (table[place] === high && table[place + 1] === low) return place;
      entry = (entry + 1) & last;
    }
  }

  #put(place: number, high: number, low: number, row: number): void {
    this.#table[place] = high;
    this.#table[place + 1] = low;
    this.#table[place + 2] = row;
  }

  #grow(): void {
    const table = this.#table;
    this.#capacity *= 2;
    this.#table = new Uint32Array(this.#capacity * ENTRY_WORDS);
    for (let place = 0; place < table.length; place += ENTRY_WORDS) {
      const row = table[place + 2] as number;
      if (row === 0) continue;
      const [high, low] = [table[place] as number, table[place + 1] as number];
      this.#put(this.#placeOf(high, low), high, low, row);
    }
  }

  #spill(): void {
    this.#earlier.add(this.#table, this.#size);
    this.#table.fill(0);
    this.#size = 0;
  }

  [Symbol.dispose](): void {
    this.#earlier[Symbol.dispose]();
  }
}
