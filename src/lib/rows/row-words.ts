import { closeSync, readSync } from 'node:fs';
import { openNameless, writeAll } from './nameless-file.ts';

/** Two words of 32 bits. */
const ENTRY_BYTES = 8;
/** The latest rows, in memory: 64 KiB. */
const BLOCK_ROWS = 8_192;
/** Rows that are read at once, because the following rows are mostly needed next. */
const READ_ROWS = 512;

/**
 * Two words for each row, in a temporary file that loses its name once it is open. Rows are added in order of their
 * numbers; some may be left out.
 * @throws the file system's errors.
 */
export class RowWords implements Disposable {
  readonly #block = new Uint32Array(2 * BLOCK_ROWS);
  /** The row at the start of the block. */
  #first = 0;
  #file: number | null = null;
  readonly #read = new Uint32Array(2 * READ_ROWS);
  /** The rows in `#read`: the first one, and the one after the last. */
  #readFrom = 0;
  #readTo = 0;

  add(row: number, high: number, low: number): void {
    if (row >= this.#first + BLOCK_ROWS) this.#writeBlock(row);
    const at = 2 * (row - this.#first);
    this.#block[at] = high;
    this.#block[at + 1] = low;
  }

  /** Whether these are the words of a row, which must have been added. */
  has(row: number, high: number, low: number): boolean {
    const at = 2 * (row - this.#first);
    if (at >= 0) return this.#block[at] === high && this.#block[at + 1] === low;
    if (row < this.#readFrom || row >= this.#readTo) this.#readOn(row);
    const place = 2 * (row - this.#readFrom);
    return this.#read[place] === high && this.#read[place + 1] === low;
  }

  /** What is in the file never changes. */
  #readOn(row: number): void {
    if (this.#file === null) throw new Error(`row ${row} was not added`);
    const { byteLength } = this.#read;
    const sizeBytes = readSync(this.#file, this.#read, 0, byteLength, row * ENTRY_BYTES);
    this.#readFrom = row;
    this.#readTo = row + sizeBytes / ENTRY_BYTES;
  }

  /** Begins the block of `row`. */
  #writeBlock(row: number): void {
    this.#file ??= openNameless();
    const bytes = new Uint8Array(this.#block.buffer);
    writeAll(this.#file, bytes, this.#first * ENTRY_BYTES);
    this.#first = row - (row % BLOCK_ROWS);
  }

  [Symbol.dispose](): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }
}
