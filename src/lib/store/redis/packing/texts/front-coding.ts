import { isHex, SHORTEST_RUN } from './hex-runs.ts';

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

export function frontCode(cells: readonly string[]): FrontCoded {
  let above = '';
  let count = 0;
  // Adding one character at a time to a text creates an object for each.
  const shared = Buffer.allocUnsafe(cells.length);
  const rest = cells.map((cell, at) => {
    count = countShared(above, cell, count);
    shared[at] = COUNTS.charCodeAt(count);
    above = cell;
    return cell.slice(count);
  });
  return { shared: shared.toString('latin1'), rest };
}

export function undoFrontCoding({ shared, rest }: FrontCoded): string[] {
  let above = '';
  return rest.map((end, at) => {
    above = above.slice(0, COUNTS.indexOf(shared[at] ?? '')) + end;
    return above;
  });
}

/** `guess`: the count of the cell above, which is usually the same. */
function countShared(above: string, cell: string, guess: number): number {
  const most = Math.min(above.length, cell.length, MAX_SHARED);
  let count = guess <= most && cell.startsWith(above.slice(0, guess)) ? guess : 0;
  while (count < most && above.charCodeAt(count) === cell.charCodeAt(count)) count += 1;
  return count > 0 && isHex(cell.charCodeAt(count - 1)) ? beforeRun(cell, count) : count;
}

/**
 * Keeps signatures whole: the start of the long run of digits that a cut at `at` would split, or `at` if there is
 * none.
 */
function beforeRun(cell: string, at: number): number {
  let start = at;
  while (start > 0 && isHex(cell.charCodeAt(start - 1))) start -= 1;
  let end = at;
  while (end < start + SHORTEST_RUN && isHex(cell.charCodeAt(end))) end += 1;
  return end > at && end - start >= SHORTEST_RUN ? start : at;
}
