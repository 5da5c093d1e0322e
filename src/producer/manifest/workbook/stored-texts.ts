import { closeSync, readSync } from 'node:fs';
import { openNameless, writeAll } from '../../../lib/rows/nameless-file.ts';

/** Texts by number, from 0. */
export interface Texts {
  at(index: number): string | undefined;
}

const BLOCK_BYTES = 64 * 1024;
/** Blocks that stay in memory: 4 MiB. */
const KEPT_BLOCKS = 64;
/** Positions that one array holds. */
const POSITIONS = 64 * 1024;
const MAX_TEXTS = 8 * 1024 * 1024;
const MAX_BYTES = 2 * 1024 ** 3;

/**
 * Texts in a temporary file, of which the blocks used last stay in memory; a few texts need no file. Each costs 8 bytes
 * of memory. Synchronous: the system caches what is written.
 * @throws the file system's errors.
 */
export class StoredTexts implements Texts, Disposable {
  /** Where each text begins, doubled, plus 1 if it is stored in two bytes a character. */
  readonly #positions: Float64Array[] = [];
  readonly #blocks = new Map<number, Buffer>();
  #count = 0;
  #sizeBytes = 0;
  #last = Buffer.allocUnsafe(BLOCK_BYTES);
  #file: number | null = null;

  /** False when there are more texts, or more text, than it takes: 8 million, 2 GiB. */
  add(text: string): boolean {
    const isWide = !/^[\0-\xff]*$/.test(text);
    const bytes = Buffer.from(text, isWide ? 'utf16le' : 'latin1');
    if (this.#count >= MAX_TEXTS || this.#sizeBytes + bytes.length > MAX_BYTES) return false;
    this.#setPosition(this.#count, 2 * this.#sizeBytes + (isWide ? 1 : 0));
    this.#count += 1;
    for (let done = 0; done < bytes.length; ) done += this.#append(bytes.subarray(done));
    return true;
  }

  at(index: number): string | undefined {
    if (!Number.isInteger(index) || index < 0 || index >= this.#count) return undefined;
    const packed = this.#position(index);
    const start = Math.floor(packed / 2);
    const end =
      index + 1 < this.#count ? Math.floor(this.#position(index + 1) / 2) : this.#sizeBytes;
    return this.#read(start, end).toString(packed % 2 === 1 ? 'utf16le' : 'latin1');
  }

  [Symbol.dispose](): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #position(index: number): number {
    return this.#positions[Math.floor(index / POSITIONS)]?.[index % POSITIONS] ?? 0;
  }

  #setPosition(index: number, packed: number): void {
    const part = Math.floor(index / POSITIONS);
    this.#positions[part] ??= new Float64Array(POSITIONS);
    this.#positions[part][index % POSITIONS] = packed;
  }

  /** As much as the last block takes; returns how much. */
  #append(bytes: Buffer): number {
    const at = this.#sizeBytes % BLOCK_BYTES;
    const taken = bytes.copy(this.#last, at);
    this.#sizeBytes += taken;
    if (at + taken === BLOCK_BYTES) {
      this.#file ??= openNameless();
      writeAll(this.#file, this.#last, this.#sizeBytes - BLOCK_BYTES);
      this.#keep(this.#sizeBytes / BLOCK_BYTES - 1, this.#last);
      this.#last = Buffer.allocUnsafe(BLOCK_BYTES);
    }
    return taken;
  }

  #read(start: number, end: number): Buffer {
    const parts: Buffer[] = [];
    for (let at = start; at < end; ) {
      const from = at % BLOCK_BYTES;
      const length = Math.min(end - at, BLOCK_BYTES - from);
      parts.push(this.#block(Math.floor(at / BLOCK_BYTES)).subarray(from, from + length));
      at += length;
    }
    const [only, ...others] = parts;
    return only !== undefined && others.length === 0 ? only : Buffer.concat(parts);
  }

  #block(number: number): Buffer {
    if (number === Math.floor(this.#sizeBytes / BLOCK_BYTES)) return this.#last;
    const kept = this.#blocks.get(number);
    if (kept !== undefined) {
      this.#blocks.delete(number);
      this.#blocks.set(number, kept); // the one used last
      return kept;
    }
    const block = Buffer.allocUnsafe(BLOCK_BYTES);
    if (this.#file !== null) readSync(this.#file, block, 0, BLOCK_BYTES, number * BLOCK_BYTES);
    this.#keep(number, block);
    return block;
  }

  #keep(number: number, block: Buffer): void {
    this.#blocks.set(number, block);
    if (this.#blocks.size <= KEPT_BLOCKS) return;
    const [oldest] = this.#blocks.keys();
    if (oldest !== undefined) this.#blocks.delete(oldest);
  }
}
