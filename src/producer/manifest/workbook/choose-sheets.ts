import { formatCount, formatRows } from '../../../lib/core/in-words.ts';
import type { ColumnMapping } from '../column-roles.ts';
import { ManifestError } from '../manifest-error.ts';
import type { RawRecord } from '../raw-record.ts';
import type { RecordLayout } from '../understand.ts';
import { XmlError } from './read-xml.ts';
import { countRows, readSheetRecords } from './sheet-records.ts';
import { type Sheet, type UnderstoodSheet, understandSheet } from './understand-sheet.ts';
import { uniteSheets } from './unite-sheets.ts';

export interface WorkbookManifest {
  layout: RecordLayout;
  /** The sheet that is read; `all` for several. */
  sheetName: string;
  /**
   * The records after the header, some at a time; each call reads from the start. @throws ManifestError
   * `workbook_broken`.
   */
  records(): AsyncGenerator<RawRecord[]>;
  /** Releases what it holds; no records can be read after that. */
  close?(): void;
}

export interface SheetOptions {
  mapping: ColumnMapping;
  /**
   * Default: the first that is not hidden. `all`, unless a sheet has that name: every one that is not hidden and can
   * be read.
   */
  sheet?: string;
  /** Leaves out rows that are hidden, by a filter or otherwise. */
  skipsHidden?: boolean;
}

const ALL_SHEETS = 'all';

/** Limit for counting the rows of a sheet that is only mentioned. */
const COUNTED_ROWS = 10_000;

/**
 * Reads a workbook by its sheets' headers, and reports what else it holds.
 * @throws ManifestError when the requested sheet does not exist or cannot be a manifest; the message names those that
 *   can.
 */
export async function chooseSheets(
  sheets: readonly Sheet[],
  options: SheetOptions,
  label: string,
): Promise<WorkbookManifest> {
  if (sheets.length === 0) {
    throw new ManifestError('empty', `The workbook ${label} has no sheet.`);
  }
  const wanted = findSheet(sheets, options.sheet);
  if (options.sheet === ALL_SHEETS && wanted?.name !== ALL_SHEETS) {
    return await readAll(sheets, options, label);
  }
  if (!wanted) throw unknownSheet(sheets, options.sheet ?? '', label);
  const understood = await understandSheet(wanted, options.mapping, label).catch((error) =>
    hintAtOthers(error, sheets, wanted, { options, label }),
  );
  const others = await understandOthers(sheets, [wanted], options, label);
  const { layout } = understood;
  const notes = [
    ...layout.notes,
    ...(await aboutHidden([understood], options)),
    ...(await aboutOthers(others)),
  ];
  return {
    layout: { ...layout, notes },
    sheetName: wanted.name,
    records: () => readSheetRecords(understood, { skipsHidden: options.skipsHidden ?? false }),
  };
}

function findSheet(sheets: readonly Sheet[], wanted: string | undefined): Sheet | undefined {
  if (wanted === undefined) return sheets.find((sheet) => !sheet.isHidden) ?? sheets[0];
  const isWanted = ({ name }: Sheet): boolean => name.toLowerCase() === wanted.toLowerCase();
  return sheets.find((sheet) => sheet.name === wanted) ?? sheets.find(isWanted);
}

function unknownSheet(sheets: readonly Sheet[], wanted: string, label: string): ManifestError {
  const names = sheets.map((sheet) => `"${sheet.name}"`).join(', ');
  return new ManifestError(
    'unknown_sheet',
    `The workbook ${label} has no sheet "${wanted}"; it has ${names}.`,
  );
}

async function readAll(
  sheets: readonly Sheet[],
  options: SheetOptions,
  label: string,
): Promise<WorkbookManifest> {
  const shown = sheets.filter((sheet) => !sheet.isHidden);
  const usable = await understandOthers(shown, [], options, label);
  if (usable.length === 0) {
    // Reports the problem of the first one.
    await understandSheet(shown[0] ?? (sheets[0] as Sheet), options.mapping, label);
  }
  const united = uniteSheets(usable, { skipsHidden: options.skipsHidden ?? false });
  const counts = await Promise.all(usable.map(nameWithCount));
  const notes = [`Read from ${counts.join(', ')}.`, ...(await aboutHidden(usable, options))];
  return { ...united, layout: { ...united.layout, notes }, sheetName: ALL_SHEETS };
}

/** The sheets that can be manifests. Problems of the others are ignored. */
async function understandOthers(
  sheets: readonly Sheet[],
  except: readonly Sheet[],
  { mapping }: SheetOptions,
  label: string,
): Promise<UnderstoodSheet[]> {
  const understood: UnderstoodSheet[] = [];
  for (const sheet of sheets.filter((sheet) => !except.includes(sheet))) {
    try {
      understood.push(await understandSheet(sheet, mapping, label));
    } catch (error) {
      if (!(error instanceof ManifestError || error instanceof XmlError)) throw error;
    }
  }
  return understood;
}

async function hintAtOthers(
  error: unknown,
  sheets: readonly Sheet[],
  wanted: Sheet,
  { options, label }: { options: SheetOptions; label: string },
): Promise<never> {
  if (!(error instanceof ManifestError)) throw error;
  const [first, ...rest] = await understandOthers(sheets, [wanted], options, label);
  if (first === undefined) throw error;
  const names = await Promise.all([first, ...rest].map(nameWithCount));
  const has = rest.length === 0 ? 'has such columns' : 'have such columns';
  throw new ManifestError(
    error.code,
    `${error.message} The ${names.join(', the ')} ${has}: use --sheet "${first.sheet.name}"${rest.length === 0 ? '' : `, or --sheet ${ALL_SHEETS}`}.`,
    { cause: error, columns: error.columns },
  );
}

async function aboutOthers(others: readonly UnderstoodSheet[]): Promise<string[]> {
  const [first, ...rest] = others;
  if (first === undefined) return [];
  const isEnough = rest.length === 0 || first.sheet.isHidden;
  const flag = isEnough ? `"${first.sheet.name}"` : ALL_SHEETS;
  const names = await Promise.all(others.map(nameWithCount));
  return [
    `Not read, though it could be: ${names.join(', ')}; to read ${isEnough ? 'it instead' : 'every such sheet'} use --sheet ${flag}.`,
  ];
}

async function nameWithCount(understood: UnderstoodSheet): Promise<string> {
  const { name, isHidden } = understood.sheet;
  const count = await countRows(understood, COUNTED_ROWS);
  const rows =
    count > COUNTED_ROWS ? `more than ${formatCount(COUNTED_ROWS)} rows` : formatRows(count);
  return `${isHidden ? 'hidden sheet' : 'sheet'} "${name}" (${rows})`;
}

/** Also reads each sheet to its end. */
async function aboutHidden(
  understood: readonly UnderstoodSheet[],
  { skipsHidden }: SheetOptions,
): Promise<string[]> {
  let count = 0;
  for (const one of understood) {
    if (!(await one.sheet.scan()).hidesRows) continue;
    count += await countRows(one, Number.POSITIVE_INFINITY, (row) => row.isHidden);
  }
  if (count === 0) return [];
  const rows = `${formatRows(count)} that a filter or a person has hidden`;
  return [
    skipsHidden
      ? `Left out: ${rows}.`
      : `This includes ${rows}; to leave hidden rows out use --skip-hidden.`,
  ];
}
