import { beforeRun, type TextPart } from './hex-runs.ts';

/** A column in which each cell leaves out the prefix that it shares with the cell above. */
export interface FrontCoded {
  /** One character a cell: how many UTF-16 units it shares, as an index into `COUNTS`. */
  shared: string;
  /** The rest of each cell. */
  rest: string[];
}

/** Printable ASCII that JSON does not escape: other characters make the text larger and slower to process. */
const COUNTS = Array.from({ length: 0x7f - 0x23 }, (_, index) => String.fromCharCode(0x23 + index))
  .filter((character) => character !== '\\')
  .join('');
const MAX_SHARED = COUNTS.length - 1;

/** The character for each count. */
export const COUNT_BYTES = Buffer.from(COUNTS);

export function frontCode(cells: readonly string[]): FrontCoded {
  const units = unitsOf(cells.join(''));
  // Adding one character at a time to a text creates an object for each.
  const shared = Buffer.allocUnsafe(cells.length);
  let above: TextPart = { start: 0, end: 0 };
  const rest = cells.map((text, at) => {
    const cell = { start: above.end, end: above.end + text.length };
    const count = countShared(units, above, cell);
    shared[at] = COUNT_BYTES[count] as number;
    above = cell;
    return text.slice(count);
  });
  return { shared: shared.toString('latin1'), rest };
}

/** `charCodeAt` is several times slower where ioredis is loaded (`text-digest.ts`). */
function unitsOf(text: string): Uint16Array {
  const units = new Uint16Array(text.length);
  Buffer.from(units.buffer).write(text, 'utf16le');
  return units;
}

/**
 * How many units or bytes a cell shares with the one above in the same text. Keeps signatures whole: a long run of
 * digits is shared as a whole, or not at all.
 */
export function countShared(
  text: Uint8Array | Uint16Array,
  above: TextPart,
  cell: TextPart,
): number {
  const most = Math.min(above.end - above.start, cell.end - cell.start, MAX_SHARED);
  let count = 0;
  while (count < most && text[above.start + count] === text[cell.start + count]) count += 1;
  return beforeRun(text, cell.start + count, cell) - cell.start;
}

export function undoFrontCoding({ shared, rest }: FrontCoded): string[] {
  let above = '';
  return rest.map((end, at) => {
    above = above.slice(0, COUNTS.indexOf(shared[at] ?? '')) + end;
    return above;
  });
}
