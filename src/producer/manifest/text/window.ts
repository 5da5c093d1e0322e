/**
 * The longest record, in bytes of UTF-8 with its line end: 128 KiB. A manifest row has some hundred bytes, and 500 of
 * them are packed together; the limit keeps memory constant whatever a file holds, and bounds how far an unclosed
 * quote is followed.
 */
export const MAX_RECORD_BYTES = 128 * 1024;

/** How much is parsed at a time, in bytes: large enough to be fast, small enough to let other work run in between. */
export const BLOCK_BYTES = 128 * 1024;

/** How many rows are returned at a time. */
export const MAX_BATCH_ROWS = 500;

export type Eol = '\n' | '\r';

/** The bytes that were read but not used yet, for readers that work with whole lines. */
export class TextWindow implements AsyncDisposable {
  /** Whether nothing follows `bytes`. */
  isAtEnd = false;
  /** Reused, so that a file of any size causes no garbage. */
  #buffer = Buffer.allocUnsafe(2 * BLOCK_BYTES);
  #start = 0;
  #end = 0;
  readonly #chunks: AsyncGenerator<Buffer>;
  readonly #eolByte: number;

  constructor(chunks: AsyncGenerator<Buffer>, eol: Eol) {
    this.#chunks = chunks;
    this.#eolByte = eol.charCodeAt(0);
  }

  /** The bytes that were read and not dropped; valid until the next `fill`. */
  get bytes(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /**
   * Reads until `bytes` holds at least `wantedBytes`, or the text ends. A chunk is copied before the next one is asked
   * for.
   */
  async fill(wantedBytes: number): Promise<void> {
    while (this.#end - this.#start < wantedBytes && !this.isAtEnd) {
      const next = await this.#chunks.next();
      if (next.done) this.isAtEnd = true;
      else this.#append(next.value);
    }
  }

  #append(chunk: Buffer): void {
    const sizeBytes = this.#end - this.#start;
    if (this.#end + chunk.length > this.#buffer.length) {
      const isTooSmall = sizeBytes + chunk.length > this.#buffer.length;
      const target = isTooSmall ? Buffer.allocUnsafe(2 * (sizeBytes + chunk.length)) : this.#buffer;
      this.#buffer.copy(target, 0, this.#start, this.#end);
      this.#buffer = target;
      this.#start = 0;
      this.#end = sizeBytes;
    }
    chunk.copy(this.#buffer, this.#end);
    this.#end += chunk.length;
  }

  /** Stops reading, for readers that do not read to the end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#chunks.return(undefined);
  }

  drop(countBytes: number): void {
    this.#start += countBytes;
  }

  /**
   * The whole lines at the front of the window, at most `MAX_RECORD_BYTES` of them and at least one; the last line of
   * the text counts as whole. They stay in the window until dropped. `end`: nothing is left; `too_long`: the next
   * line exceeds the limit.
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

  /** The first line in the window, including its end. Only after `wholeLines` has shown that there is one. */
  firstLine(): Buffer {
    const endBytes = this.bytes.indexOf(this.#eolByte) + 1;
    return endBytes > 0 ? this.bytes.subarray(0, endBytes) : this.bytes;
  }

  /** Drops everything up to and including the next line end, in constant memory. */
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
