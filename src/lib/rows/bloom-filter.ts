/** Of 100 digests that were never added, about one seems to have been. */
const BITS_PER_ENTRY = 10;
const PROBES = 5;

/** Says of a digest of 64 bits that it was not added, or that it may have been. 10 bits an entry. */
export class BloomFilter {
  readonly #bits: Uint32Array;
  readonly #count: number;

  constructor(capacity: number) {
    this.#bits = new Uint32Array(Math.ceil((capacity * BITS_PER_ENTRY) / 32));
    this.#count = this.#bits.length * 32;
  }

  add(high: number, low: number): void {
    for (let probe = 0; probe < PROBES; probe += 1) {
      const at = placeOf(high, low, probe, this.#count) | 0;
      this.#bits[at >>> 5] = (this.#bits[at >>> 5] ?? 0) | (1 << (at & 31));
    }
  }

  mayHave(high: number, low: number): boolean {
    for (let probe = 0; probe < PROBES; probe += 1) {
      const at = placeOf(high, low, probe, this.#count) | 0;
      if (((this.#bits[at >>> 5] ?? 0) & (1 << (at & 31))) === 0) return false;
    }
    return true;
  }
}

/** Spreads 32 bits over the places by multiplying, which is several times quicker than dividing. */
const placeOf = (high: number, low: number, probe: number, count: number): number =>
  (((high + Math.imul(probe, low | 1)) >>> 0) / 2 ** 32) * count;
