import type { ManifestRole, RowProblem } from '../../../lib/core/manifest/manifest.ts';
import type { ColumnMapping } from '../column-roles.ts';
import { checkHeader } from '../csv/header.ts';
import { cellBeyondHeader, recordTooLong, uncalculated } from '../defects.ts';
import { ManifestError } from '../manifest-error.ts';
import type { RawRecord } from '../raw-record.ts';
import { layoutHeader, type RecordLayout } from '../understand.ts';
import { type Archive, type ArchiveFile, broken, openArchive } from './archive.ts';
import { readDateStyles, readStrings, readWorkbook, type Sheet, type Workbook } from './parts.ts';
import { XmlError } from './read-xml.ts';
import { type CellContext, readSheetRows, type SheetRow } from './sheet-rows.ts';

export interface WorkbookManifest {
  layout: RecordLayout;
  sheetName: string;
  /** The records after the header, some at a time; each call reads from the start. @throws ManifestError `workbook_broken`. */
  records(): AsyncGenerator<RawRecord[]>;
}

export interface WorkbookOptions {
  mapping: ColumnMapping;
  /** Default: the first that is not hidden. */
  sheet?: string;
}

/**
 * Understands a workbook by the first row of its sheet that is not empty. The sheet is inflated once, so that
 * damage is found before any of its rows is used; shared strings stay in memory.
 * @throws ManifestError
 */
export async function understandWorkbook(
  file: ArchiveFile,
  options: WorkbookOptions,
): Promise<WorkbookManifest> {
  const archive = await openArchive(file);
  return explainXml(file.label, async () => {
    const workbook = await readWorkbook(archive);
    if (workbook === null) throw notAWorkbook(archive, file.label);
    const sheet = chooseSheet(workbook.sheets, options.sheet, file.label);
    const context = await readContext(archive, workbook, file.label);
    for await (const _ of archive.read(sheet.part));
    const rows = (): AsyncGenerator<SheetRow[]> => readSheetRows(archive.read(sheet.part), context);
    const { layout, headerRow } = await understandHeader(rows(), sheet, options, file.label);
    return {
      layout,
      sheetName: sheet.name,
      records: () => readRecords(rows(), layout, headerRow, file.label),
    };
  });
}

async function readContext(
  archive: Archive,
  workbook: Workbook,
  label: string,
): Promise<CellContext> {
  const { stringsPart, stylesPart, is1904 } = workbook;
  const strings = stringsPart === null ? [] : await readStrings(archive, stringsPart);
  if (strings === null) {
    throw new ManifestError(
      'workbook_bomb',
      `The workbook ${label} holds more text than fits into memory; save its sheet as "CSV UTF-8" and import that.`,
    );
  }
  const dateStyles = stylesPart === null ? [] : await readDateStyles(archive, stylesPart);
  return { strings, dateStyles, is1904 };
}

function chooseSheet(sheets: Sheet[], wanted: string | undefined, label: string): Sheet {
  const found =
    wanted === undefined
      ? (sheets.find((sheet) => !sheet.isHidden) ?? sheets[0])
      : (sheets.find((sheet) => sheet.name === wanted) ??
        sheets.find((sheet) => sheet.name.toLowerCase() === wanted.toLowerCase()));
  if (found) return found;
  if (wanted === undefined) throw new ManifestError('empty', `The workbook ${label} has no sheet.`);
  const names = sheets.map((sheet) => `"${sheet.name}"`).join(', ');
  throw new ManifestError(
    'unknown_sheet',
    `The workbook ${label} has no sheet "${wanted}"; it has ${names}.`,
  );
}

async function understandHeader(
  rows: AsyncGenerator<SheetRow[]>,
  sheet: Sheet,
  options: WorkbookOptions,
  label: string,
): Promise<{ layout: RecordLayout; headerRow: number }> {
  const place = `${label} (sheet "${sheet.name}")`;
  for await (const [header] of rows) {
    if (!header) continue;
    const cells = toCells(header, 0);
    checkHeader(cells, place);
    // Rows are kept as those of a CSV are, so that a report of them can be one.
    const layout = layoutHeader(cells, ',', { label: place, mapping: options.mapping });
    return { layout, headerRow: header.number };
  }
  throw new ManifestError('empty', `${place} is empty; nothing to import.`);
}

async function* readRecords(
  rows: AsyncGenerator<SheetRow[]>,
  layout: RecordLayout,
  headerRow: number,
  label: string,
): AsyncGenerator<RawRecord[]> {
  const columns = roleColumns(layout);
  try {
    for await (const batch of rows) {
      const data = batch.filter((row) => row.number > headerRow);
      if (data.length > 0) yield data.map((row) => toRecord(row, layout.headerCells, columns));
    }
  } catch (error) {
    throw explained(label, error);
  }
}

/** Which columns, as the sheet counts them, hold what this program sends. */
function roleColumns({ shape, ownCells }: RecordLayout): Map<number, RoleColumn> {
  const columns = new Map<number, RoleColumn>();
  for (const [role, name] of Object.entries(shape.roles) as [ManifestRole, string | null][]) {
    const own = name === null ? -1 : shape.columns.indexOf(name);
    const isId = role === 'video_id' || role === 'task_id';
    if (name !== null) columns.set(ownCells?.[own] ?? own, { name, isId });
  }
  return columns;
}

interface RoleColumn {
  name: string;
  isId: boolean;
}

function toRecord(row: SheetRow, headerCells: number, columns: Map<number, RoleColumn>): RawRecord {
  const { number: line } = row;
  if (row.isTooLong) return { line, cells: [], defect: recordTooLong(line, '') };
  spoilRoundedIds(row, columns);
  const cells = toCells(row, headerCells);
  const defect = findDefect(row, cells, headerCells, columns);
  return defect === null ? { line, cells } : { line, cells, defect };
}

function findDefect(
  row: SheetRow,
  cells: string[],
  headerCells: number,
  columns: Map<number, RoleColumn>,
): RowProblem | null {
  if (cells.length > headerCells) {
    return cellBeyondHeader(row.number, cells.at(-1) ?? '');
  }
  for (const [column, loss] of row.losses) {
    const found = columns.get(column);
    if (found && loss === 'uncalculated') return uncalculated(row.number, found.name);
  }
  return null;
}

/** Rounded ids become `8.57E+17`, which no check takes for an id, nor a later import of this row's report. */
function spoilRoundedIds(row: SheetRow, columns: Map<number, RoleColumn>): void {
  for (const [column, loss] of row.losses) {
    if (loss !== 'rounded' || !columns.get(column)?.isId) continue;
    row.cells.set(column, Number(row.cells.get(column)).toExponential().toUpperCase());
  }
}

/** At least `count` cells, more when the row is longer. */
function toCells(row: SheetRow, count: number): string[] {
  const length = Math.max(count, ...[...row.cells.keys()].map((column) => column + 1));
  return Array.from({ length }, (_, column) => row.cells.get(column) ?? '');
}

function notAWorkbook(archive: Archive, label: string): ManifestError {
  const otherFormats = [
    { part: 'content.xml', what: 'an OpenDocument file; save it as .xlsx' },
    { part: 'xl/workbook.bin', what: 'a binary workbook (.xlsb); save it as .xlsx' },
  ];
  const found = otherFormats.find(({ part }) => archive.has(part));
  return new ManifestError(
    'unsupported_format',
    `${label} is ${found?.what ?? 'a ZIP archive without a workbook; unpack it'} and import that.`,
  );
}

async function explainXml<T>(label: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw explained(label, error);
  }
}

const explained = (label: string, error: unknown): unknown =>
  error instanceof XmlError ? broken(label, error.message) : error;
