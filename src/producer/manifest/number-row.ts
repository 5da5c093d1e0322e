import { trimInvisible } from '../../lib/core/manifest/invisible.ts';
import type { ManifestRow } from '../../lib/core/manifest/manifest.ts';
import type { RawRecord } from './raw-record.ts';
import type { RecordLayout } from './understand.ts';

/** A row of a record, with the user's cells only. */
export function numberRow(
  { line, cells, defect, isBinary }: RawRecord,
  row: number,
  layout: RecordLayout,
): ManifestRow {
  const numbered: ManifestRow = { row, line, cells: ownCellsOf(cells, layout) };
  if (isBinary) numbered.isBinary = true;
  if (defect) numbered.defect = defect;
  return numbered;
}

function ownCellsOf(cells: string[], { ownCells, headerCells }: RecordLayout): string[] {
  if (ownCells === null) return cells;
  const own = ownCells.filter((index) => index < cells.length).map((index) => cells[index] ?? '');
  return [...own, ...cells.slice(headerCells)];
}

/** The same rule in every format: a record whose cells are all empty is not a row. */
export const isBlank = ({ cells, defect }: ManifestRow): boolean =>
  defect === undefined &&
  cells.every((cell) => !BEGINS_PLAIN.test(cell) && trimInvisible(cell) === '');

/** The first character of most cells shows that they are not blank. */
const BEGINS_PLAIN = /^[!-~]/;
