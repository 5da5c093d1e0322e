import { crc32 } from 'node:zlib';
import { BloomFilter } from './bloom-filter.ts';

const FIRST_CAPACITY = 1 << 16;

/** Scrambles bits: 2^32 divided by the golden ratio. */
const SPREAD = 0x9e3779b1;

/**
 * Says that a text was not added before, or that it probably was: about one new text in 50 seems known. Takes 10 bits
 * per text, up to twice that while it grows. For uses where an error does no harm.
 */
export class SeenTexts {
  /** Each is twice as large as the one before; only the last one grows. */
  readonly #filters: BloomFilter[] = [];
  #capacity = FIRST_CAPACITY / 2;
  #free = 0;

  /** Whether it seems to have been added before; then adds it. */
  check(text: string): boolean {
    const high = crc32(text);
    const low = Math.imul(high, SPREAD) >>> 0;
    for (const filter of this.#filters) if (filter.mayHave(high, low)) return true;
    if (this.#free === 0) {
      this.#capacity *= 2;
      this.#free = this.#capacity;
      this.#filters.push(new BloomFilter(this.#capacity));
    }
    this.#filters.at(-1)?.add(high, low);
    this.#free -= 1;
    return false;
  }
}
