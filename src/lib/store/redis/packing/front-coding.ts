import { isHex, SHORTEST_RUN } from './hex-runs.ts';

/** A column without what each cell has in common with the beginning of the one above it. */
export interface FrontCoded {
  /** One character a cell: how many units of UTF-16 it shares, as a place in `COUNTS`. */
  shared: string;
  /** What follows. */
  rest: string[];
}

/** The characters of ASCII that show and need no escape in JSON: other ones make the text slower to work on, and larger. */
const COUNTS = Array.from({ length: 0x7f - 0x23 }, (_, index) => String.fromCharCode(0x23 + index))
  .filter((character) => character !== '\\')
  .join('');
const MAX_SHARED = COUNTS.length - 1;

export function frontCode(cells: readonly string[]): FrontCoded {
  let above = '';
  let count = 0;
  let shared = '';
  const rest = cells.map((cell) => {
    count = countShared(above, cell, count);
    shared += COUNTS[count];
    above = cell;
    return cell.slice(count);
  });
  return { shared, rest };
}

export function undoFrontCoding({ shared, rest }: FrontCoded): string[] {
  let above = '';
  return rest.map((end, at) => {
    above = above.slice(0, COUNTS.indexOf(shared[at] ?? '')) + end;
    return above;
  });
}

/** `guess`: what the cell above shared, which is mostly as much. */
function countShared(above: string, cell: string, guess: number): number {
  const most = Math.min(above.length, cell.length, MAX_SHARED);
  let count = guess <= most && cell.startsWith(above.slice(0, guess)) ? guess : 0;
  while (count < most && above.charCodeAt(count) === cell.charCodeAt(count)) count += 1;
  return count > 0 && isHex(cell.charCodeAt(count - 1)) ? beforeRun(cell, count) : count;
}

/** Signatures stay whole. Where a run of digits begins that is cut at `at`; `at` itself when there is none, or a short one. */
function beforeRun(cell: string, at: number): number {
  let start = at;
  while (start > 0 && isHex(cell.charCodeAt(start - 1))) start -= 1;
  let end = at;
  while (end < start + SHORTEST_RUN && isHex(cell.charCodeAt(end))) end += 1;
  return end > at && end - start >= SHORTEST_RUN ? start : at;
}
