import { createHash } from 'node:crypto';

/** Row numbers, one bit each. */
export class RowSet {
  #bits = new Uint8Array(1 << 10);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(row: number): void {
    if (this.has(row)) return;
    const place = row >>> 3;
    if (place >= this.#bits.length) {
      const longer = new Uint8Array(Math.max(2 * this.#bits.length, place + 1));
      longer.set(this.#bits);
      this.#bits = longer;
    }
    this.#bits[place] = (this.#bits[place] ?? 0) | (1 << (row & 7));
    this.#size += 1;
  }

  delete(row: number): void {
    if (!this.has(row)) return;
    const place = row >>> 3;
    this.#bits[place] = (this.#bits[place] ?? 0) & ~(1 << (row & 7));
    this.#size -= 1;
  }

  has(row: number): boolean {
    return ((this.#bits[row >>> 3] ?? 0) & (1 << (row & 7))) !== 0;
  }

  /** In order. */
  *[Symbol.iterator](): Generator<number> {
    for (const [place, byte] of this.#bits.entries()) {
      for (let bit = 0; byte >> bit > 0; bit += 1) {
        if (((byte >> bit) & 1) === 1) yield place * 8 + bit;
      }
    }
  }

  /** Hex; the same for the same rows, in any order. */
  sha256(): string {
    const end = this.#bits.findLastIndex((byte) => byte !== 0) + 1;
    return createHash('sha256').update(this.#bits.subarray(0, end)).digest('hex');
  }
}
