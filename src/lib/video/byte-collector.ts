const FIRST_CAPACITY_BYTES = 16 * 1024;

/** Joins chunks in one growing buffer: a million chunks of one byte take no more memory than a million bytes. */
export class ByteCollector {
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What was collected so far; not a copy. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Makes room for this many bytes in total, at once. */
  reserve(totalBytes: number): void {
    if (totalBytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(totalBytes);
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  append(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#buffer.length) {
      this.reserve(Math.max(length, 2 * this.#buffer.length, FIRST_CAPACITY_BYTES));
    }
    chunk.copy(this.#buffer, this.#length);
    this.#length = length;
  }
}
