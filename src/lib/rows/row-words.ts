import { closeSync, readSync } from 'node:fs';
import { openNameless, writeAll } from './nameless-file.ts';

/** Two words of 32 bits. */
const ENTRY_BYTES = 8;
/** The latest rows, in memory: 64 KiB. */
const BLOCK_ROWS = 8_192;

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
  readonly #read = new Uint32Array(2);

  add(row: number, high: number, low: number): void {
    if (row >= this.#first + BLOCK_ROWS) this.#writeBlock(row);
    const at = 2 * (row - this.#first);
    this.#block[at] = high;
    this.#block[at + 1] = low;
  }

  /** Whether these are the words of a row that was added. */
  has(row: number, high: number, low: number): boolean {
    const at = 2 * (row - this.#first);
    if (at >= 0) return this.#block[at] === high && this.#block[at + 1] === low;
    if (this.#file === null) return false;
    readSync(this.#file, this.#read, 0, ENTRY_BYTES, row * ENTRY_BYTES);
    return this.#read[0] === high && this.#read[1] === low;
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
