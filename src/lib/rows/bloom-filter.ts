/** About one in 500 digests that were never added seems to have been. */
const BITS_PER_ENTRY = 16;

/**
 * 512 bits, one cache line of the processor: all bits of a digest are in one block, so one memory access is enough.
 */
const BLOCK_WORDS = 16;

/** Each multiplier takes another 9 bits of the same 32: odd numbers without a pattern. */
const SPREADS = [0x1e3779b1, 0x05ebca77, 0x42b2ae3d, 0x27d4eb2f, 0x165667b1] as const;

/** Says whether a 64-bit digest certainly was not added, or may have been. 16 bits per entry. */
export class BloomFilter {
  readonly #words: Uint32Array;
  readonly #blocks: number;

  constructor(capacity: number) {
    this.#blocks = Math.ceil((capacity * BITS_PER_ENTRY) / (32 * BLOCK_WORDS));
    this.#words = new Uint32Array(this.#blocks * BLOCK_WORDS);
  }

  add(high: number, low: number): void {
    const first = this.#firstWord(high);
    for (let probe = 0; probe < SPREADS.length; probe += 1) {
      const bit = Math.imul(low, SPREADS[probe] as number) >>> 23;
      const at = first + (bit >>> 5);
      this.#words[at] = (this.#words[at] ?? 0) | (1 << (bit & 31));
    }
  }

  mayHave(high: number, low: number): boolean {
    const first = this.#firstWord(high);
    for (let probe = 0; probe < SPREADS.length; probe += 1) {
      const bit = Math.imul(low, SPREADS[probe] as number) >>> 23;
      if (((this.#words[first + (bit >>> 5)] ?? 0) & (1 << (bit & 31))) === 0) return false;
    }
    return true;
  }

  /** The first word of the digest's block. Multiplying is several times faster than dividing. */
  #firstWord(high: number): number {
    return (((high / 2 ** 32) * this.#blocks) | 0) * BLOCK_WORDS;
  }
}
