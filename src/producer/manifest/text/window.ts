/**
 * The longest record, in bytes of UTF-8 with its line end: 128 KiB. A manifest row is some hundred bytes, and 500 of them
 * are packed together; the limit keeps memory constant whatever a file holds, and bounds how far an unclosed quote is
 * followed.
 */
export const MAX_RECORD_BYTES = 128 * 1024;

/** How much is parsed at a time, in bytes: large enough to be fast, small enough to let other work run in between. */
export const BLOCK_BYTES = 128 * 1024;

/** How many rows are handed on at a time. */
export const MAX_BATCH_ROWS = 500;

export type Eol = '\n' | '\r';

const EMPTY = Buffer.alloc(0);

/** The bytes between what has been read and what has been used, for readers that work by whole lines. */
export class TextWindow implements AsyncDisposable {
  /** What has been read and not yet dropped. */
  bytes: Buffer = EMPTY;
  /** Whether nothing follows `bytes`. */
  isAtEnd = false;
  readonly #chunks: AsyncGenerator<Buffer>;
  readonly #eolByte: number;

  constructor(chunks: AsyncGenerator<Buffer>, eol: Eol) {
    this.#chunks = chunks;
    this.#eolByte = eol.charCodeAt(0);
  }

  /** Reads until `bytes` holds at least `wantedBytes`, or the text ends. */
  async fill(wantedBytes: number): Promise<void> {
    const parts = [this.bytes];
    let sizeBytes = this.bytes.length;
    while (sizeBytes < wantedBytes && !this.isAtEnd) {
      const next = await this.#chunks.next();
      if (next.done) {
        this.isAtEnd = true;
      } else {
        parts.push(next.value);
        sizeBytes += next.value.length;
      }
    }
    if (parts.length > 1) this.bytes = Buffer.concat(parts);
  }

  /** Stops reading, for whoever does not read to the end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chunks.return(undefined);
  }

  drop(countBytes: number): void {
    this.bytes = this.bytes.subarray(countBytes);
  }

  /**
   * The whole lines at the front of the window, at most `MAX_RECORD_BYTES` of them and at least one; the last line of the
   * text counts as whole. Stays in the window until dropped. `end`: nothing is left; `too_long`: the next line is
   * over the limit.
   */
  async wholeLines(wantedBytes = BLOCK_BYTES): Promise<Buffer | 'end' | 'too_long'> {
    let enoughBytes = Math.min(wantedBytes, MAX_RECORD_BYTES);
    for (;;) {
      await this.fill(enoughBytes);
      if (this.bytes.length === 0) return 'end';
      if (this.isAtEnd && this.bytes.length <= MAX_RECORD_BYTES) return this.bytes;
      const endBytes = this.bytes.lastIndexOf(this.#eolByte, MAX_RECORD_BYTES - 1) + 1;
      if (endBytes > 0) return this.bytes.subarray(0, endBytes);
      if (this.bytes.length >= MAX_RECORD_BYTES) return 'too_long';
      enoughBytes = Math.min(this.bytes.length * 2, MAX_RECORD_BYTES);
    }
  }

  /** The first line in the window, its end included. Only after `wholeLines` has shown that there is one. */
  firstLine(): Buffer {
    const endBytes = this.bytes.indexOf(this.#eolByte) + 1;
    return endBytes > 0 ? this.bytes.subarray(0, endBytes) : this.bytes;
  }

  /** Drops everything up to and including the next line end, however far away, in constant memory. */
  async skipLine(): Promise<void> {
    for (;;) {
      const endBytes = this.bytes.indexOf(this.#eolByte) + 1;
      if (endBytes > 0) return this.drop(endBytes);
      this.drop(this.bytes.length);
      await this.fill(1);
      if (this.isAtEnd && this.bytes.length === 0) return;
    }
  }
}
