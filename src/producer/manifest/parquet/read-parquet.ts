import type { RowProblem } from '../../../lib/core/manifest/manifest.ts';
import type { ColumnMapping } from '../column-roles.ts';
import { badText, recordTooLong } from '../defects.ts';
import { explainErrors, explainErrorsOf } from '../explain-errors.ts';
import { ManifestError } from '../manifest-error.ts';
import type { RawRecord } from '../raw-record.ts';
import { MAX_BATCH_ROWS, MAX_RECORD_BYTES } from '../text/window.ts';
import { layoutHeader, type RecordLayout } from '../understand.ts';
import type { NotShown } from './column-type.ts';
import { codecName, isKnownCodec } from './decompress.ts';
import { type Column, type Footer, type ParquetFile, type RowGroup, readFooter } from './footer.ts';
import { type Page, readPages, tooLarge } from './pages.ts';
import { brokenParquet, ParquetError, unreadableParquet } from './parquet-error.ts';

/** An opened Parquet file with its columns. */
export interface ParquetManifest {
  layout: RecordLayout;
  /** Each call reads from the start. */
  records(): AsyncGenerator<RawRecord[]>;
}

/** Pages of all columns that may be held at a time. A page of DuckDB holds a whole column of a row group. */
const MAX_HELD_BYTES = 256 * 1024 * 1024;

/**
 * Reads a Parquet file page by page. Every page is decoded once, so that damage is found before its rows are used.
 * @throws ManifestError
 */
export async function understandParquet(
  file: ParquetFile,
  mapping: ColumnMapping,
): Promise<ParquetManifest> {
  const explain = explainDamage(file.label);
  return await explainErrors(async () => {
    const footer = await readFooter(file);
    refuseCodecs(footer, file.label);
    const opaque = await checkPages(file, footer);
    const columns = footer.columns.filter((column) => !opaque.has(column));
    const left = [...footer.notShown, ...namesOf(opaque)];
    // Rows are stored like those of a CSV, so that their report can be one.
    const names = columns.map(({ name }) => name);
    const layout = layoutParquet(names, left, mapping, file.label);
    const notes = left.length === 0 ? [] : [aboutNotShown(left)];
    return {
      layout: { ...layout, notes },
      records: () => explainErrorsOf(readRecords(file, columns, footer.groups), explain),
    };
  }, explain);
}

const namesOf = (opaque: ReadonlySet<Column>): Footer['notShown'] =>
  [...opaque].map(({ name }) => ({ name, kind: 'binary' as const }));

function layoutParquet(
  names: string[],
  left: Footer['notShown'],
  mapping: ColumnMapping,
  label: string,
): RecordLayout {
  try {
    return layoutHeader(names, ',', { label, mapping });
  } catch (error) {
    if (!(error instanceof ManifestError) || left.length === 0) throw error;
    const { code, message, columns } = error;
    throw new ManifestError(code, `${message} ${aboutNotShown(left)}`, { cause: error, columns });
  }
}

const KINDS: Record<NotShown, string> = {
  list: 'a list',
  map: 'a map',
  struct: 'a struct',
  binary: 'binary',
  interval: 'an interval',
  geometry: 'a geometry',
  variant: 'a variant',
};
const NAMED_COLUMNS = 10;

function aboutNotShown(left: Footer['notShown']): string {
  const named = left
    .slice(0, NAMED_COLUMNS)
    .map(({ name, kind }) => `"${showName(name)}" (${KINDS[kind]})`);
  const more = left.length > NAMED_COLUMNS ? ` and ${left.length - NAMED_COLUMNS} more` : '';
  return left.length === 1
    ? `The column ${named[0]} has no place in a table; it is left out, also in the report.`
    : `The columns ${named.join(', ')}${more} have no place in a table; they are left out, also in the report.`;
}

const showName = (name: string): string => name.slice(0, 100);

function refuseCodecs({ columns, groups }: Footer, label: string): void {
  const chunks = groups.flatMap((group) => columns.map(({ leaf }) => group.chunks[leaf]));
  const unknown = chunks.find((chunk) => chunk !== undefined && !isKnownCodec(chunk.codec));
  if (unknown === undefined) return;
  throw unreadableParquet(
    label,
    `is compressed with ${codecName(unknown.codec)}, which is not read here; write it with Snappy, Zstandard, gzip or none.`,
  );
}

/** Decodes every page, one at a time. Returns the columns whose bytes are not text. */
async function checkPages(file: ParquetFile, { columns, groups }: Footer): Promise<Set<Column>> {
  const opaque = new Set<Column>();
  let heldBytes = 0;
  for (const column of columns) {
    const checked = await checkColumn(file, column, groups);
    if (!checked.isText) opaque.add(column);
    heldBytes += checked.heldBytes;
  }
  if (heldBytes > MAX_HELD_BYTES) throw tooLarge(file.label);
  return opaque;
}

async function checkColumn(
  file: ParquetFile,
  column: Column,
  groups: readonly RowGroup[],
): Promise<{ isText: boolean; heldBytes: number }> {
  const found = { isText: true, heldBytes: 0 };
  for (const group of groups) {
    let rows = 0;
    for await (const page of pagesOf(file, column, group)) {
      rows += page.count;
      found.heldBytes = Math.max(found.heldBytes, page.heldBytes);
      found.isText &&= !column.type.isUndeclared || isText(page, column);
    }
    if (rows === group.rows) continue;
    throw new ParquetError(`"${showName(column.name)}" has another number of rows`);
  }
  return found;
}

function isText(page: Page, { type }: Column): boolean {
  for (let row = 0; row < page.count; row += 1) {
    const value = page.next();
    if (value !== null && type.show(value) === null) return false;
  }
  return true;
}

function pagesOf(file: ParquetFile, column: Column, group: RowGroup): AsyncGenerator<Page> {
  const chunk = group.chunks[column.leaf];
  if (chunk === undefined) throw new ParquetError('a row group lacks columns');
  return readPages(file, column, chunk);
}

async function* readRecords(
  file: ParquetFile,
  columns: readonly Column[],
  groups: readonly RowGroup[],
): AsyncGenerator<RawRecord[]> {
  let line = 1;
  for (const group of groups) {
    const readers = columns.map((column) => new ColumnReader(column, pagesOf(file, column, group)));
    for (let left = group.rows; left > 0; left -= MAX_BATCH_ROWS) {
      const count = Math.min(left, MAX_BATCH_ROWS);
      const records = newRecords(count, columns.length, line);
      for (const [index, reader] of readers.entries()) await reader.fill(records, index);
      yield records.map(({ record }) => record);
      line += count;
    }
  }
}

interface Filling {
  record: RawRecord;
  sizeBytes: number;
}

const newRecords = (count: number, cells: number, line: number): Filling[] =>
  Array.from({ length: count }, (_, index) => ({
    record: { line: line + index, cells: new Array<string>(cells).fill('') },
    sizeBytes: 0,
  }));

/** The values of one column in one row group, in order. */
class ColumnReader {
  readonly #column: Column;
  readonly #pages: AsyncGenerator<Page>;
  #page: Page | null = null;
  #left = 0;

  constructor(column: Column, pages: AsyncGenerator<Page>) {
    this.#column = column;
    this.#pages = pages;
  }

  /** Puts the next value of the column into each record. */
  async fill(records: readonly Filling[], cell: number): Promise<void> {
    for (const filling of records) {
      while (this.#left === 0) await this.#turn();
      this.#left -= 1;
      const value = this.#page?.next() ?? null;
      if (value !== null) setCell(filling, cell, this.#column, value);
    }
  }

  async #turn(): Promise<void> {
    // Freed before the next one is read.
    this.#page = null;
    const next = await this.#pages.next();
    if (next.done) throw new ParquetError('a row group lacks rows');
    this.#page = next.value;
    this.#left = next.value.count;
  }
}

type Value = NonNullable<ReturnType<Page['next']>>;

function setCell(filling: Filling, cell: number, { name, type }: Column, value: Value): void {
  const { record } = filling;
  filling.sizeBytes += value instanceof Uint8Array ? value.length : 0;
  if (filling.sizeBytes > MAX_RECORD_BYTES) {
    spoil(record, recordTooLong(record.line, ''));
    record.cells = [];
    return;
  }
  const text = type.show(value);
  if (text === null) spoil(record, badText(record.line, name));
  else record.cells[cell] = text;
}

/** Only the first problem of a row is reported. */
function spoil(record: RawRecord, defect: RowProblem): void {
  record.defect ??= defect;
}

const explainDamage =
  (label: string) =>
  (error: unknown): unknown =>
    error instanceof ParquetError ? brokenParquet(label, error) : error;
