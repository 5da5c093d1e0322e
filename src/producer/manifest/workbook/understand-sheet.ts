import { trimInvisible } from '../../../lib/core/manifest/invisible.ts';
import type { ManifestRole } from '../../../lib/core/manifest/manifest.ts';
import { keptItsDigits } from '../../../lib/core/manifest/rounded-ids.ts';
import type { ColumnMapping } from '../column-roles.ts';
import { checkHeader } from '../csv/header.ts';
import { aboutHeaderLine, findHeader, HEADER_SEARCH_ROWS } from '../find-header.ts';
import { ManifestError } from '../manifest-error.ts';
import { layoutHeader, type RecordLayout } from '../understand.ts';
import type { SheetRow } from './sheet-rows.ts';

/** A sheet of any kind of workbook. */
export interface Sheet {
  name: string;
  isHidden: boolean;
  /** Reads it to its end, so that damage is found before its rows are used. Its links are known only afterwards. */
  scan(): Promise<{
    /** Whether it may have hidden rows; then they are counted. */
    hidesRows: boolean;
  }>;
  /** Non-empty rows, some at a time; each call reads from the start. */
  rows(): AsyncGenerator<SheetRow[]>;
}

/** A sheet that can be a manifest. */
export interface UnderstoodSheet {
  sheet: Sheet;
  layout: RecordLayout;
  headerRow: number;
  /** By the sheet's own column numbers. */
  roleColumns: ReadonlyMap<number, RoleColumn>;
}

export interface RoleColumn {
  role: ManifestRole;
  name: string;
  /** Its numbers were written digit by digit, so that none is rounded. */
  keepsDigits: boolean;
}

/** Rows of a sheet that are read to see how its ids were written. */
const LOOKED_AT_ROWS = 2_000;

/** @throws ManifestError when the sheet is empty, or has no header that identifies the video of a row. */
export async function understandSheet(
  sheet: Sheet,
  mapping: ColumnMapping,
  label: string,
): Promise<UnderstoodSheet> {
  const place = `${label} (sheet "${sheet.name}")`;
  const rows = await firstRows(sheet, LOOKED_AT_ROWS);
  const tops = rows.slice(0, HEADER_SEARCH_ROWS).map((row) => toCells(row, 0));
  const index = findHeader(tops, mapping);
  const header = rows[index];
  if (!header) throw new ManifestError('empty', `${place} is empty; nothing to import.`);
  const cells = tops[index] ?? [];
  checkHeader(cells, place);
  // Rows are stored like those of a CSV, so that their report can be one.
  const layout = layoutHeader(cells, ',', { label: place, mapping });
  const about = aboutHeaderLine(header.number, index);
  return {
    sheet,
    layout: { ...layout, notes: about === null ? [] : [about] },
    headerRow: header.number,
    roleColumns: findRoleColumns(layout, rows.slice(index + 1)),
  };
}

async function firstRows(sheet: Sheet, count: number): Promise<SheetRow[]> {
  const first: SheetRow[] = [];
  for await (const rows of sheet.rows()) {
    first.push(...rows.filter((row) => !isBlankRow(row)));
    if (first.length >= count) break;
  }
  return first.slice(0, count);
}

export const isBlankRow = ({ cells, losses, isTooLong }: SheetRow): boolean =>
  !isTooLong &&
  losses.size === 0 &&
  [...cells.values()].every((cell) => trimInvisible(cell) === '');

/** The columns, by the sheet's numbers, that hold what this program sends. */
function findRoleColumns(
  { shape, ownCells }: RecordLayout,
  rows: readonly SheetRow[],
): Map<number, RoleColumn> {
  const columns = new Map<number, RoleColumn>();
  for (const [role, name] of Object.entries(shape.roles) as [ManifestRole, string | null][]) {
    if (name === null) continue;
    const own = shape.columns.indexOf(name);
    const column = ownCells?.[own] ?? own;
    columns.set(column, { role, name, keepsDigits: keepsDigits(rows, column) });
  }
  return columns;
}

/** One number that floating point cannot hold proves that the writer keeps numbers unchanged. */
const keepsDigits = (rows: readonly SheetRow[], column: number): boolean =>
  rows.some(
    ({ losses, cells }) =>
      losses.get(column) === 'rounded' && keptItsDigits(cells.get(column) ?? ''),
  );

/** At least `count` cells, more when the row is longer. */
export function toCells(row: SheetRow, count: number): string[] {
  let length = count;
  for (const column of row.cells.keys()) length = Math.max(length, column + 1);
  return Array.from({ length }, (_, column) => row.cells.get(column) ?? '');
}
