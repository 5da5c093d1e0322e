/**
 * The shortest run of hexadecimal digits that is stored apart from its text. Signatures and digests in addresses are
 * such runs. No compression takes less than half of their characters; as bytes they take exactly half, and do not
 * disturb the compression of the rest.
 */
const SHORTEST_RUN = 32;

/** Characters that JSON text never contains: the next run with its length, and an earlier run by its number. */
const NEXT = '\u0001';
const AGAIN = '\u0002';
const MARK = new RegExp(`${NEXT}(\\d+);|${AGAIN}(\\d+);`, 'g');

/** The value of each byte as a digit, `0` to `9` or `a` to `f`; `NO_DIGIT` for all other bytes. */
const NO_DIGIT = 0xff;
const VALUES = Uint8Array.from({ length: 256 }, (_, code) => {
  const character = String.fromCharCode(code);
  return /[0-9a-f]/.test(character) ? Number.parseInt(character, 16) : NO_DIGIT;
});

const isDigit = (unit = NO_DIGIT): boolean => (VALUES[unit] ?? NO_DIGIT) !== NO_DIGIT;

/** Where a cell is in a text. */
export interface TextPart {
  start: number;
  end: number;
}

/**
 * Where the next run between `from` and `stop` begins; -1 for none. Reads only every 32nd byte, so most of the text is
 * skipped.
 */
export function findRun(text: Uint8Array, from: number, stop: number): number {
  let after = from;
  for (let at = after + SHORTEST_RUN - 1; at < stop; at = after + SHORTEST_RUN - 1) {
    let start = at;
    while (start >= after && VALUES[text[start] as number] !== NO_DIGIT) start -= 1;
    start += 1;
    const end = endOfRun(text, at, stop);
    if (end - start >= SHORTEST_RUN) return start;
    after = Math.max(end, at + 1);
  }
  return -1;
}

function endOfRun(text: Uint8Array, from: number, stop: number): number {
  let end = from;
  while (end < stop && VALUES[text[end] as number] !== NO_DIGIT) end += 1;
  return end;
}

/** The start of the run that a cut at `at` would split, or `at` if there is none. */
export function beforeRun(
  text: Uint8Array | Uint16Array,
  at: number,
  { start: first, end: stop }: TextPart,
): number {
  let start = at;
  while (start > first && isDigit(text[start - 1])) start -= 1;
  if (start === at) return at;
  const limit = Math.min(stop, start + SHORTEST_RUN);
  let end = at;
  while (end < limit && isDigit(text[end])) end += 1;
  return end > at && end - start >= SHORTEST_RUN ? start : at;
}

/** The distinct runs of a text as bytes, one after the other. */
export class HexRuns {
  /** The mark that stands for the latest run. */
  mark: Uint8Array = Buffer.alloc(0);
  #bytes = Buffer.alloc(0);
  /** Where each run begins, and where the next one will. */
  #starts = [0];
  /** Numbers of the runs, by their first 31 bits; of several that begin alike, the latest. */
  readonly #numbers = new Map<number, number>();
  /** The mark of the latest new run; most runs have the same length. */
  #nextMark: Uint8Array = Buffer.alloc(0);
  #markedDigits = 0;

  /** Stores the run at `start` of the text if it is new, and sets `mark`. Returns where the run ends. */
  add(source: Uint8Array, start: number, stop: number): number {
    const digits = endOfRun(source, start, stop) - start;
    const end = start + digits - (digits % 2);
    const first = this.#starts.at(-1) ?? 0;
    this.#makeRoom(first + (end - start) / 2);
    const bytes = this.#bytes;
    let size = first;
    for (let at = start; at < end; at += 2) {
      const high = VALUES[source[at] as number] as number;
      bytes[size++] = (high << 4) | (VALUES[source[at + 1] as number] as number);
    }
    this.mark = this.#markOf(first, size);
    return end;
  }

  #markOf(first: number, end: number): Uint8Array {
    const key = this.#bytes.readInt32LE(first) >>> 1;
    const known = this.#numbers.get(key);
    if (known !== undefined && this.#isAt(known, first, end)) {
      return Buffer.from(`${AGAIN}${known};`);
    }
    this.#numbers.set(key, this.#starts.length - 1);
    this.#starts.push(end);
    const digits = 2 * (end - first);
    if (digits !== this.#markedDigits) {
      this.#markedDigits = digits;
      this.#nextMark = Buffer.from(`${NEXT}${digits};`);
    }
    return this.#nextMark;
  }

  #isAt(number: number, first: number, end: number): boolean {
    const start = this.#starts[number] ?? 0;
    const stop = this.#starts[number + 1] ?? 0;
    return this.#bytes.compare(this.#bytes, first, end, start, stop) === 0;
  }

  #makeRoom(sizeBytes: number): void {
    if (sizeBytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * sizeBytes);
    this.#bytes.copy(larger);
    this.#bytes = larger;
  }

  /** Valid until the next `clear`. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.#starts.at(-1));
  }

  clear(): void {
    this.#starts = [0];
    this.#numbers.clear();
  }
}

/** Puts the runs back where `PackedText` took them out. */
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
