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

/** Signatures stay whole: they are taken out as they are (`hex-runs.ts`). */
const SHORTEST_RUN = 32;

export function frontCode(cells: readonly string[]): FrontCoded {
  let above = '';
  let shared = '';
  const rest = cells.map((cell) => {
    const count = countShared(above, cell);
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

function countShared(above: string, cell: string): number {
  const most = Math.min(above.length, cell.length, MAX_SHARED);
  let count = 0;
  while (count < most && above.charCodeAt(count) === cell.charCodeAt(count)) count += 1;
  return count > 0 && isHex(cell, count - 1) ? beforeRun(cell, count) : count;
}

/** Where a run of hexadecimal digits begins that is cut at `at`; `at` itself when there is none, or a short one. */
function beforeRun(cell: string, at: number): number {
  let start = at;
  while (start > 0 && isHex(cell, start - 1)) start -= 1;
  let end = at;
  while (end < start + SHORTEST_RUN && isHex(cell, end)) end += 1;
  return end > at && end - start >= SHORTEST_RUN ? start : at;
}

function isHex(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (code >= 48 && code <= 57) || (code >= 97 && code <= 102);
}
