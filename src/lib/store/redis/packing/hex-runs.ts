/**
 * Signatures and digests in addresses: hexadecimal digits, of which no compression makes less than half. Taken out, they are
 * exactly half, and the rest compresses as if they were not there.
 */
export const SHORTEST_RUN = 32;

/** Of a code unit: whether it is `0` to `9` or `a` to `f`. */
export const isHex = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66);

/** Characters that JSON text never holds: the next run with its length, and an earlier run again by its number. */
const NEXT = '\u0001';
const AGAIN = '\u0002';
const MARK = new RegExp(`${NEXT}(\\d+);|${AGAIN}(\\d+);`, 'g');

export interface SplitText {
  /** The text with a mark in the place of each run. */
  text: string;
  /** The runs, two digits a byte, one after the other. */
  bytes: Buffer;
}

/** `json` holds no control characters. */
export function takeOutHex(json: string): SplitText {
  const numbers = new Map<string, number>();
  let text = '';
  let done = 0;
  for (const { start, end } of findRuns(json)) {
    const run = json.slice(start, end);
    const known = numbers.get(run);
    if (known === undefined) numbers.set(run, numbers.size);
    const mark = known === undefined ? `${NEXT}${run.length};` : `${AGAIN}${known};`;
    text += json.slice(done, start) + mark;
    done = end;
  }
  const digits = [...numbers.keys()].join('');
  return { text: text + json.slice(done), bytes: Buffer.from(digits, 'hex') };
}

/** Runs of an even number of digits. One touches every 32nd character, so most of the text is not looked at. */
function* findRuns(text: string): Generator<{ start: number; end: number }> {
  let after = 0;
  for (let at = SHORTEST_RUN - 1; at < text.length; at = after + SHORTEST_RUN - 1) {
    let start = at;
    while (start >= after && isHex(text.charCodeAt(start))) start -= 1;
    start += 1;
    let end = at;
    while (end < text.length && isHex(text.charCodeAt(end))) end += 1;
    if (end - start >= SHORTEST_RUN) yield { start, end: end - ((end - start) % 2) };
    after = Math.max(end, at + 1);
  }
}

/** The text that was taken apart. */
export function putInHex({ text, bytes }: SplitText): string {
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
