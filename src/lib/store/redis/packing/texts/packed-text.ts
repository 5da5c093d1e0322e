import { COUNT_BYTES, countShared, frontCode } from './front-coding.ts';
import { findRun, HexRuns } from './hex-runs.ts';

/** Larger buffers are not kept. */
const MAX_KEPT_BYTES = 1024 * 1024;
/** Of UTF-8, for one UTF-16 unit. */
const MAX_UNIT_BYTES = 3;
/** Of JSON, for one byte of ASCII. */
const MAX_ESCAPED_BYTES = 6;

const QUOTE = 0x22;
const COMMA = 0x2c;

/** How JSON writes each byte of ASCII; undefined if as itself. */
const ESCAPED: readonly (Buffer | undefined)[] = Array.from({ length: 256 }, (_, code) => {
  const written = JSON.stringify(String.fromCharCode(code)).slice(1, -1);
  return written.length > 1 ? Buffer.from(written) : undefined;
});
const MUST_ESCAPE = Uint8Array.from({ length: 256 }, (_, code) => (ESCAPED[code] ? 1 : 0));
const AS_IT_IS = new Uint8Array(256);

export interface SplitText {
  /** The text as UTF-8, with a mark in place of each run. */
  text: Buffer;
  /** The runs, two digits a byte, one after the other. */
  bytes: Buffer;
}

/**
 * A JSON text that is written piece by piece, as UTF-8 and without its long runs of hexadecimal digits (`hex-runs.ts`).
 * Columns of ASCII, as most are, are compared and written as bytes: with their characters it took three times as long.
 * Buffers are reused from text to text, because memory outside V8's heap also causes garbage collections.
 */
export class PackedText {
  #text = Buffer.alloc(0);
  #size = 0;
  #source = Buffer.alloc(0);
  readonly #runs = new HexRuns();

  /** Forgets what was written before. */
  begin(): void {
    this.#size = 0;
    this.#runs.clear();
    if (this.#text.length > MAX_KEPT_BYTES) this.#text = Buffer.alloc(0);
    if (this.#source.length > MAX_KEPT_BYTES) this.#source = Buffer.alloc(0);
  }

  /** A piece of the text. It must not hold control characters. */
  json(piece: string): void {
    const end = this.#read(piece);
    this.#makeRoom(end);
    this.#copy(0, end, AS_IT_IS);
  }

  /** An object of the form `FrontCoded`. */
  column(cells: readonly string[]): void {
    const joined = cells.join('');
    // Only ASCII takes one byte for each unit.
    if (this.#read(joined) === joined.length) this.#asciiColumn(cells, joined);
    else this.json(JSON.stringify(frontCode(cells)));
  }

  #asciiColumn(cells: readonly string[], joined: string): void {
    this.json('{"shared":"');
    this.#read(joined);
    this.#makeRoom(MAX_ESCAPED_BYTES * joined.length + 4 * cells.length + 16);
    const sharedAt = this.#size;
    this.#size += cells.length;
    this.#ascii('","rest":[');
    let above = { start: 0, end: 0 };
    for (let at = 0; at < cells.length; at += 1) {
      const cell = { start: above.end, end: above.end + (cells[at] as string).length };
      const count = countShared(this.#source, above, cell);
      this.#text[sharedAt + at] = COUNT_BYTES[count] as number;
      if (at > 0) this.#text[this.#size++] = COMMA;
      this.#text[this.#size++] = QUOTE;
      this.#copy(cell.start + count, cell.end, MUST_ESCAPE);
      this.#text[this.#size++] = QUOTE;
      above = cell;
    }
    this.#ascii(']}');
  }

  /** What was written; valid until the next `begin`. */
  end(): SplitText {
    return { text: this.#text.subarray(0, this.#size), bytes: this.#runs.written() };
  }

  /** Puts a text into `#source` as UTF-8; returns how many bytes it takes. */
  #read(text: string): number {
    const mostBytes = MAX_UNIT_BYTES * text.length;
    if (mostBytes > this.#source.length) this.#source = Buffer.allocUnsafeSlow(2 * mostBytes);
    return this.#source.write(text);
  }

  #makeRoom(sizeBytes: number): void {
    if (this.#size + sizeBytes <= this.#text.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.#size + sizeBytes));
    this.#text.copy(larger, 0, 0, this.#size);
    this.#text = larger;
  }

  #ascii(text: string): void {
    this.#size += this.#text.write(text, this.#size, 'latin1');
  }

  /**
   * Copies a part of the source with marks in place of its runs, which are longer. The loops copy single bytes: a
   * native call costs more than a hundred of them.
   */
  #copy(from: number, end: number, mustEscape: Uint8Array): void {
    const source = this.#source;
    const text = this.#text;
    let size = this.#size;
    for (let at = from; at < end; ) {
      const run = findRun(source, at, end);
      const stop = run < 0 ? end : run;
      for (; at < stop; at += 1) {
        const byte = source[at] as number;
        if (mustEscape[byte] === 0) text[size++] = byte;
        else size += put(text, size, ESCAPED[byte]);
      }
      if (run < 0) break;
      at = this.#runs.add(source, run, end);
      size += put(text, size, this.#runs.mark);
    }
    this.#size = size;
  }
}

function put(text: Uint8Array, at: number, bytes: Uint8Array | undefined): number {
  const length = bytes?.length ?? 0;
  for (let index = 0; index < length; index += 1) text[at + index] = bytes?.[index] as number;
  return length;
}
