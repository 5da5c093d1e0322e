import { trimInvisible } from '../../lib/core/manifest/invisible.ts';
import { type ColumnMapping, countKnownColumns } from './column-roles.ts';

/**
 * The header must be within this many rows that are not blank: a title, a date or a line of groups may come first.
 */
export const HEADER_SEARCH_ROWS = 20;

const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i;
const ID = /^\d{15,}$/;

/**
 * Which of a table's first rows is its header: the one with the most names of roles, then of aliases, then the one
 * with the most cells, above the first row with an address or an id. Without any known name it is the first row of
 * several cells.
 */
export function findHeader(rows: readonly (readonly string[])[], mapping: ColumnMapping): number {
  const firstData = rows.findIndex((cells) => cells.some(isData));
  const candidates = rows.slice(0, firstData < 0 ? HEADER_SEARCH_ROWS : firstData);
  const ranks = candidates.map((cells) => rank(cells, mapping));
  const best = ranks.reduce((at, found, index) => (isBetter(found, ranks[at]) ? index : at), 0);
  return best;
}

type Rank = readonly [ownNames: number, aliases: number, filledCells: number];

function rank(cells: readonly string[], mapping: ColumnMapping): Rank {
  const { own, alias } = countKnownColumns(cells, mapping);
  const filled = cells.filter((cell) => trimInvisible(cell) !== '').length;
  // A title is one cell. Among rows without a known name, the first with more cells is used.
  return [own, Math.min(alias, 1), own + alias > 0 ? filled : Math.min(filled, 2)];
}

function isBetter(found: Rank, best: Rank | undefined): boolean {
  if (best === undefined) return true;
  const at = found.findIndex((value, index) => value !== best[index]);
  return at >= 0 && (found[at] ?? 0) > (best[at] ?? 0);
}

/** Whether a cell holds what only rows hold: an address or an id. */
export function isData(cell: string): boolean {
  const text = trimInvisible(cell);
  return ADDRESS.test(text) || ID.test(text);
}

/** The message when the header is not in the first line; null when it is. */
export function aboutHeaderLine(line: number, skippedRows: number): string | null {
  if (skippedRows === 0) return null;
  const above = skippedRows === 1 ? '1 row above it is' : `${skippedRows} rows above it are`;
  return `The header is in line ${line}; the ${above} left out.`;
}
