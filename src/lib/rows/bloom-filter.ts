/** About one of 100 unknown digests seems known. */
const BITS_PER_ENTRY = 10;
const PROBES = 5;

/** Says that a digest of 64 bits was not added, or that it may have been. Takes 10 bits per entry. */
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

/** Maps 32 bits to the places by multiplication, which is several times faster than division. */
const placeOf = (high: number, low: number, probe: number, count: number): number =>
  (((high + Math.imul(probe, low | 1)) >>> 0) / 2 ** 32) * count;
