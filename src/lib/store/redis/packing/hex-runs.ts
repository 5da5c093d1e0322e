/**
 * Signatures and digests in addresses: hexadecimal digits, of which no compression makes less than half. Taken out, they are
 * exactly half, and the rest compresses as if they were not there.
 */
const HEX_RUN = /[0-9a-f]{32,}/g;

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
  const text = json.replace(HEX_RUN, (run) => {
    const even = run.length % 2 === 0 ? run : run.slice(0, -1);
    const known = numbers.get(even);
    const rest = run.slice(even.length);
    if (known !== undefined) return `${AGAIN}${known};${rest}`;
    numbers.set(even, numbers.size);
    return `${NEXT}${even.length};${rest}`;
  });
  return { text, bytes: Buffer.from([...numbers.keys()].join(''), 'hex') };
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
