/**
 * The shortest run of hexadecimal digits that is stored apart from its text. Signatures and digests in addresses are
 * such runs. No compression takes less than half of their characters; as bytes they take exactly half, and do not
 * disturb the compression of the rest.
 */
export const SHORTEST_RUN = 32;

/** Whether a code unit is `0` to `9` or `a` to `f`. */
export const isHex = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66);

/** Characters that JSON text never contains: the next run with its length, and an earlier run by its number. */
const NEXT = '\u0001';
const AGAIN = '\u0002';
const MARK = new RegExp(`${NEXT}(\\d+);|${AGAIN}(\\d+);`, 'g');

export interface SplitText {
  /** The text as UTF-8, with a mark in place of each run. */
  text: Buffer;
  /** The runs, two digits a byte, one after the other. */
  bytes: Buffer;
}

/** The value of each byte as a digit; `NO_DIGIT` for all other bytes. */
const NO_DIGIT = 0xff;
const VALUES = Uint8Array.from({ length: 256 }, (_, code) =>
  isHex(code) ? Number.parseInt(String.fromCharCode(code), 16) : NO_DIGIT,
);

/** Reused from chunk to chunk, because memory outside V8's heap also causes garbage collections. */
let scratch = Buffer.alloc(0);

const MAX_SCRATCH_BYTES = 1024 * 1024;

/** The text as UTF-8; valid until the next call. */
function utf8(text: string): Buffer {
  const mostBytes = 3 * text.length;
  if (mostBytes > MAX_SCRATCH_BYTES) return Buffer.from(text);
  if (mostBytes > scratch.length) scratch = Buffer.allocUnsafeSlow(2 * mostBytes);
  return scratch.subarray(0, scratch.write(text));
}

/**
 * `json` must not hold control characters. The loops copy single bytes: a native call costs more than a hundred of
 * them.
 */
export function takeOutHex(json: string): SplitText {
  const source = utf8(json);
  // A mark is shorter than its run.
  const text = Buffer.allocUnsafe(source.length);
  const runs = new HexRuns(source.length >>> 1);
  let length = 0;
  let done = 0;
  for (let run = findRun(source, 0); run !== null; run = findRun(source, run.end)) {
    for (let at = done; at < run.start; at += 1) text[length++] = source[at] as number;
    const mark = runs.add(source, run);
    for (let at = 0; at < mark.length; at += 1) text[length++] = mark.charCodeAt(at);
    done = run.end;
  }
  length += source.copy(text, length, done);
  return { text: text.subarray(0, length), bytes: runs.written() };
}

interface Run {
  start: number;
  end: number;
}

/** Finds the next run of an even number of digits. Reads only every 32nd byte, so most of the text is skipped. */
function findRun(text: Uint8Array, from: number): Run | null {
  let after = from;
  for (let at = after + SHORTEST_RUN - 1; at < text.length; at = after + SHORTEST_RUN - 1) {
    let start = at;
    while (start >= after && VALUES[text[start] as number] !== NO_DIGIT) start -= 1;
    start += 1;
    let end = at;
    while (end < text.length && VALUES[text[end] as number] !== NO_DIGIT) end += 1;
    if (end - start >= SHORTEST_RUN) return { start, end: end - ((end - start) % 2) };
    after = Math.max(end, at + 1);
  }
  return null;
}

/** The distinct runs as bytes, one after the other. */
class HexRuns {
  readonly #bytes: Buffer;
  /** Where each run begins, and where the next one will. */
  readonly #starts = [0];
  /** Numbers of the runs, by their first 31 bits; of several that begin alike, the latest. */
  readonly #numbers = new Map<number, number>();
  /** The mark of the latest new run; most runs have the same length. */
  #mark = '';
  #markedDigits = 0;

  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(capacity);
  }

  /** Returns the mark for a run, and stores a new run. */
  add(source: Uint8Array, { start, end }: Run): string {
    const bytes = this.#bytes;
    const first = this.#starts.at(-1) ?? 0;
    let size = first;
    for (let at = start; at < end; at += 2) {
      const high = VALUES[source[at] as number] as number;
      bytes[size++] = (high << 4) | (VALUES[source[at + 1] as number] as number);
    }
    const key = bytes.readInt32LE(first) >>> 1;
    const known = this.#numbers.get(key);
    if (known !== undefined && this.#isAt(known, first, size)) return `${AGAIN}${known};`;
    this.#numbers.set(key, this.#starts.length - 1);
    this.#starts.push(size);
    if (end - start !== this.#markedDigits) {
      this.#markedDigits = end - start;
      this.#mark = `${NEXT}${this.#markedDigits};`;
    }
    return this.#mark;
  }

  #isAt(number: number, first: number, end: number): boolean {
    const start = this.#starts[number] ?? 0;
    const stop = this.#starts[number + 1] ?? 0;
    return this.#bytes.compare(this.#bytes, first, end, start, stop) === 0;
  }

  written(): Buffer {
    return this.#bytes.subarray(0, this.#starts.at(-1));
  }
}

/** Undoes `takeOutHex`. */
export function putInHex({ text, bytes }: { text: string; bytes: Buffer }): string {
  const digits = bytes.toString('hex');
  const runs: string[] = [];
  let at = 0;
  return text.replace(MARK, (_, length: string | undefined, number: string | undefined) => {
    if (length === undefined) return runs[Number(number)] ?? '';
    const run = digits.slice(at, at + Number(length));
    at += run.length;
    runs.push(run);
    return run;
  });
}
