import type { RowProblem } from '../../../lib/core/manifest/manifest.ts';
import { cellBeyondHeader, linkToNoAddress, recordTooLong, uncalculated } from '../defects.ts';
import type { RawRecord } from '../raw-record.ts';
import type { SheetRow } from './sheet-rows.ts';
import { isBlankRow, type RoleColumn, toCells, type UnderstoodSheet } from './understand-sheet.ts';

const ADDRESS = /^\s*https?:\/\//i;

/** The records below a sheet's header, some at a time. */
export async function* readSheetRecords(
  understood: UnderstoodSheet,
  { skipsHidden }: { skipsHidden: boolean },
): AsyncGenerator<RawRecord[]> {
  const { layout, roleColumns } = understood;
  for await (const rows of dataRows(understood)) {
    const records = rows
      .filter((row) => !(skipsHidden && row.isHidden))
      .map((row) => toRecord(row, layout.headerCells, roleColumns));
    if (records.length > 0) yield records;
  }
}

/** Counts no further than `limit`. */
export async function countRows(
  understood: UnderstoodSheet,
  limit: number,
  test: (row: SheetRow) => boolean = () => true,
): Promise<number> {
  let count = 0;
  for await (const rows of dataRows(understood)) {
    count += rows.filter(test).length;
    if (count > limit) break;
  }
  return count;
}

async function* dataRows({ sheet, headerRow }: UnderstoodSheet): AsyncGenerator<SheetRow[]> {
  for await (const rows of sheet.rows()) {
    yield rows.filter((row) => row.number > headerRow && !isBlankRow(row));
  }
}

function toRecord(
  row: SheetRow,
  headerCells: number,
  columns: ReadonlyMap<number, RoleColumn>,
): RawRecord {
  const { number: line } = row;
  if (row.isTooLong) return { line, cells: [], defect: recordTooLong(line, '') };
  for (const [column, role] of columns) mendCell(row, column, role);
  const cells = toCells(row, headerCells);
  const defect = findDefect(row, cells, headerCells, columns);
  return defect === null ? { line, cells } : { line, cells, defect };
}

/** A link under a text is the intended address. A rounded id must not look like an id. */
function mendCell(row: SheetRow, column: number, { role, keepsDigits }: RoleColumn): void {
  const link = row.links.get(column);
  if (role === 'video_url' && link !== undefined && ADDRESS.test(link)) {
    if (!ADDRESS.test(row.cells.get(column) ?? '')) row.cells.set(column, link);
    row.losses.delete(column);
  }
  const isId = role === 'video_id' || role === 'task_id';
  if (isId && row.losses.get(column) === 'rounded' && !keepsDigits) {
    // `8.57E+17`: no check takes it for an id, and neither does a later import of this row's report.
    row.cells.set(column, Number(row.cells.get(column)).toExponential().toUpperCase());
  }
}

function findDefect(
  row: SheetRow,
  cells: string[],
  headerCells: number,
  columns: ReadonlyMap<number, RoleColumn>,
): RowProblem | null {
  if (cells.length > headerCells) {
    return cellBeyondHeader(row.number, cells.at(-1) ?? '');
  }
  for (const [column, loss] of row.losses) {
    const found = columns.get(column);
    if (found && loss === 'uncalculated') return uncalculated(row.number, found.name);
  }
  for (const [column, link] of row.links) {
    const found = columns.get(column);
    const text = row.cells.get(column) ?? '';
    if (found?.role === 'video_url' && !ADDRESS.test(text)) {
      return linkToNoAddress(row.number, found.name, { text, link });
    }
  }
  return null;
}
