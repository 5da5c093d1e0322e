import { type ColumnMapping, hasKnownColumn } from '../column-roles.ts';
import { aboutHeaderLine, findHeader, isData } from '../find-header.ts';
import { ManifestError } from '../manifest-error.ts';
import type { Eol } from '../text/window.ts';
import { refuseOtherDelimiters } from './other-delimiters.ts';
import { type CsvDialect, parseCsvRecords } from './records.ts';

export const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

/** How much of a file is used to find its delimiter. */
const SAMPLE_BYTES = 64 * 1024;
const SAMPLE_RECORDS = 100;

export interface CsvHeader extends CsvDialect {
  /** All cells, `kling_*` included. */
  cells: string[];
  /** Line of the header, from 1. */
  line: number;
  /** The position of the first data record. */
  dataOffsetBytes: number;
  dataLine: number;
  /** Sentences about the file that people should know. */
  notes: readonly string[];
}

/** How one candidate delimiter splits the first records. */
interface Reading extends CsvHeader {
  isKnown: boolean;
  /** Share of the data records with as many cells as the header, 0 to 1. */
  evenShare: number;
}

/**
 * Finds delimiter and header at the beginning of a CSV text. A delimiter that gives known columns wins, then the one
 * with the most even records, then the one with the most columns. `sep=;` on the first line, as Excel writes it, is
 * respected.
 * @throws ManifestError `bad_header`, `no_header`.
 */
export function readCsvHeader(
  head: Buffer,
  options: { label: string; eol: Eol; mapping: ColumnMapping; delimiter?: Delimiter },
): CsvHeader {
  const { label, eol, mapping } = options;
  const separator = readSeparatorLine(head, eol);
  const wanted = options.delimiter ?? separator?.delimiter;
  const candidates = wanted === undefined ? DELIMITERS : [wanted];
  const start = { offsetBytes: separator?.lengthBytes ?? 0, line: separator ? 2 : 1 };
  const readings = candidates.map((delimiter) =>
    readWith(head, start, { delimiter, eol }, mapping),
  );
  const [best] = readings.filter((reading) => reading !== null).sort(compareReadings);
  if (!best?.isKnown) refuseOtherDelimiters(head, DELIMITERS, label);
  // With the wrong delimiter, a header with a broken quote is one long cell.
  if (!best || (!best.isKnown && best.cells.length === 1 && readings.includes(null))) {
    throw new ManifestError(
      'bad_header',
      `The header of ${label} cannot be read; check the quotes in its first line.`,
    );
  }
  checkHeader(best.cells, label);
  return best;
}

/** Best first; equal ones keep the order of `DELIMITERS`, because sorting is stable. */
function compareReadings(a: Reading, b: Reading): number {
  if (a.isKnown !== b.isKnown) return a.isKnown ? -1 : 1;
  const isSplit = (reading: Reading): number => Math.min(reading.cells.length, 2);
  if (!a.isKnown && isSplit(a) !== isSplit(b)) return isSplit(b) - isSplit(a);
  if (a.evenShare !== b.evenShare) return b.evenShare - a.evenShare;
  return b.cells.length - a.cells.length;
}

function readWith(
  head: Buffer,
  start: { offsetBytes: number; line: number },
  dialect: CsvDialect,
  mapping: ColumnMapping,
): Reading | null {
  const text = head.subarray(start.offsetBytes);
  const sample = sampleOf(text, dialect.eol);
  const { records } = parseCsvRecords(sample, dialect, SAMPLE_RECORDS);
  const filled = records.flatMap((record, index) => (isBlank(record) ? [] : [index]));
  const found = findHeader(
    filled.map((index) => records[index] ?? []),
    mapping,
  );
  const index = filled[found];
  if (index === undefined) return null;
  const ruleRecords = isRule(records[index + 1], records[index]) ? 1 : 0;
  const first = index + 1 + ruleRecords;
  const header = records[index] ?? [];
  const rows = filled.filter((row) => row >= first).map((row) => records[row] ?? []);
  const hasRowNames = findRowNames(header, rows, mapping);
  const even = rows.filter((record) => record.length === header.length + (hasRowNames ? 1 : 0));
  const line = start.line + index + countLineEnds(records.slice(0, index), dialect.eol);
  // Separately, because a bad byte further down makes the whole sample Latin-1.
  const above = sample.subarray(0, parseCsvRecords(sample, dialect, index + 1).usedBytes);
  const cells = parseCsvRecords(above, dialect).records.at(-1) ?? [];
  const dataLine = line + 1 + countLineEnds([header], dialect.eol);
  return {
    ...dialect,
    cells: hasRowNames ? ['', ...cells] : cells,
    line,
    dataOffsetBytes: start.offsetBytes + parseCsvRecords(sample, dialect, first).usedBytes,
    dataLine: dataLine + ruleRecords,
    notes: [
      aboutHeaderLine(line, found),
      ruleRecords > 0 ? `Line ${dataLine} is a rule of dashes, which is left out.` : null,
      hasRowNames ? ABOUT_ROW_NAMES : null,
    ].filter((note) => note !== null),
    isKnown: hasKnownColumn(header, mapping),
    evenShare: rows.length === 0 ? 1 : even.length / rows.length,
  };
}

/** A line of dashes below the names, one cell for each, as `sqlcmd` writes it. */
function isRule(record: string[] | undefined, header: string[] | undefined): boolean {
  return (
    record !== undefined &&
    record.length === header?.length &&
    record.every((cell) => /^\s*-+\s*$/.test(cell)) &&
    record.some((cell) => cell.includes('--'))
  );
}

const ABOUT_ROW_NAMES =
  'Every row has one cell more than the header, in front of the first column, as R writes the names of rows; it is kept in a column without a name.';

/** Whether every row begins with a name of its own, for which the header has no cell, so that its names are shifted. */
function findRowNames(
  header: readonly string[],
  rows: readonly string[][],
  mapping: ColumnMapping,
): boolean {
  const known = header.flatMap((name, at) => (hasKnownColumn([name], mapping) ? [at] : []));
  const names = new Set(rows.map(([name = '']) => name.trim()));
  return (
    known.length > 0 &&
    rows.length > 0 &&
    names.size === rows.length &&
    !names.has('') &&
    rows.every(
      (row) =>
        row.length === header.length + 1 &&
        !isData(row[0] ?? '') &&
        known.some((at) => isData(row[at + 1] ?? '')),
    )
  );
}

function countLineEnds(records: string[][], eol: Eol): number {
  return records.flat().join('').split(eol).length - 1;
}

const isBlank = (record: string[]): boolean => record.every((cell) => cell.trim() === '');

/** Whole lines, as many as needed to decide; more only if the first line is longer. */
function sampleOf(text: Buffer, eol: Eol): Buffer {
  if (text.length <= SAMPLE_BYTES) return text;
  const endBytes = text.lastIndexOf(eol, SAMPLE_BYTES - 1) + 1;
  return endBytes > 0 ? text.subarray(0, endBytes) : text;
}

function readSeparatorLine(
  head: Buffer,
  eol: Eol,
): { delimiter: Delimiter; lengthBytes: number } | null {
  const endBytes = head.subarray(0, 16).indexOf(eol) + 1;
  const found = /^"?sep=(.)"?[\r\n]+$/i.exec(head.toString('latin1', 0, endBytes));
  const delimiter = DELIMITERS.find((candidate) => candidate === found?.[1]);
  return delimiter === undefined ? null : { delimiter, lengthBytes: endBytes };
}

/** @throws ManifestError `no_header`. */
export function checkHeader(cells: string[], label: string): void {
  if (cells.some((cell) => /^\s*https?:\/\//i.test(cell))) {
    throw new ManifestError(
      'no_header',
      `The first line of ${label} holds a URL where the header should be; put a line with the columns' names above it, for example video_url,name.`,
    );
  }
}
