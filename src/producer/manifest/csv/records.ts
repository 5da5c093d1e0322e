import { isUtf8 } from 'node:buffer';
import type { Eol } from '../text/window.ts';

export interface CsvDialect {
  delimiter: string;
  eol: Eol;
}

/** The result of parsing a block of text. */
export interface CsvRecords {
  /** Complete records; blank lines are `['']`. Cells are Latin-1 when `isLatin1`. */
  records: string[][];
  /** The end of the last complete record, including its line end. */
  usedBytes: number;
  isLatin1: boolean;
  /** What is wrong with the record after the last complete one; null when the block was used up. */
  trouble: CsvTrouble | null;
}

export type CsvTrouble = 'quote_not_closed' | 'stray_quote';

const QUOTE = '"';

/**
 * Parses the records of a block that begins at the start of a record (RFC 4180). Never throws on bad CSV: it stops at
 * the first invalid record. A quote inside a cell that does not begin with one is an ordinary character. With
 * `maxRecords` it stops after that many.
 */
export function parseCsvRecords(
  block: Buffer,
  dialect: CsvDialect,
  maxRecords = Number.POSITIVE_INFINITY,
): CsvRecords {
  const isLatin1 = !isUtf8(block);
  const text = block.toString(isLatin1 ? 'latin1' : 'utf8');
  const records: string[][] = [];
  let at = 0;
  while (at < text.length && records.length < maxRecords) {
    const record = readRecord(text, at, dialect);
    if (typeof record === 'string') {
      return { records, usedBytes: bytesBefore(text, at, isLatin1), isLatin1, trouble: record };
    }
    records.push(record.cells);
    at = record.end;
  }
  const usedBytes = at < text.length ? bytesBefore(text, at, isLatin1) : block.length;
  return { records, usedBytes, isLatin1, trouble: null };
}

/** The cells of one line, with quotes as ordinary characters. For lines that cannot be read otherwise. */
export function splitLine(
  line: Buffer,
  { delimiter, eol }: CsvDialect,
): { cells: string[]; isLatin1: boolean } {
  const isLatin1 = !isUtf8(line);
  const text = line.toString(isLatin1 ? 'latin1' : 'utf8');
  const end = text.endsWith(eol) ? text.length - 1 : text.length;
  return { cells: cutLine(text, 0, end, eol).split(delimiter), isLatin1 };
}

interface CsvRecord {
  cells: string[];
  /** The start of the next record. */
  end: number;
}

/** Most records are lines without quotes: one search and one split. */
function readRecord(text: string, start: number, dialect: CsvDialect): CsvRecord | CsvTrouble {
  const lineEnd = findOrEnd(text, dialect.eol, start);
  const line = cutLine(text, start, lineEnd, dialect.eol);
  if (!line.includes(QUOTE)) {
    return { cells: line.split(dialect.delimiter), end: afterEol(text, lineEnd) };
  }
  return readQuotedRecord(text, start, dialect);
}

function readQuotedRecord(
  text: string,
  start: number,
  dialect: CsvDialect,
): CsvRecord | CsvTrouble {
  const cells: string[] = [];
  let at = start;
  for (;;) {
    const cell = text[at] === QUOTE ? readQuotedCell(text, at) : readBareCell(text, at, dialect);
    if (cell === null) return 'quote_not_closed';
    cells.push(cell.value);
    at = cell.end;
    if (text[at] !== dialect.delimiter) break;
    at += 1;
  }
  if (at === text.length) return { cells, end: at };
  if (dialect.eol === '\n' && text.startsWith('\r\n', at)) return { cells, end: at + 2 };
  return text[at] === dialect.eol ? { cells, end: at + 1 } : 'stray_quote';
}

interface CsvCell {
  value: string;
  /** The position of the delimiter or line end after it, if it is well formed. */
  end: number;
}

/** A cell whose opening quote is at `start`; null when nothing closes it. */
function readQuotedCell(text: string, start: number): CsvCell | null {
  let hasDoubled = false;
  for (let at = text.indexOf(QUOTE, start + 1); at >= 0; at = text.indexOf(QUOTE, at + 2)) {
    if (text[at + 1] === QUOTE) {
      hasDoubled = true;
      continue;
    }
    const value = text.slice(start + 1, at);
    return { value: hasDoubled ? value.replaceAll('""', QUOTE) : value, end: at + 1 };
  }
  return null;
}

function readBareCell(text: string, start: number, { delimiter, eol }: CsvDialect): CsvCell {
  const line = cutLine(text, start, findOrEnd(text, eol, start), eol);
  const length = line.indexOf(delimiter);
  const value = length < 0 ? line : line.slice(0, length);
  return { value, end: start + value.length };
}

/** Without the CR of a CR LF; one at the end of the text belongs to a line end that was cut off. */
function cutLine(text: string, start: number, end: number, eol: Eol): string {
  const isCrLf = eol === '\n' && end > start && text[end - 1] === '\r' && end < text.length;
  return text.slice(start, isCrLf ? end - 1 : end);
}

function findOrEnd(text: string, sought: string, from: number): number {
  const at = text.indexOf(sought, from);
  return at < 0 ? text.length : at;
}

const afterEol = (text: string, lineEnd: number): number => Math.min(lineEnd + 1, text.length);

const bytesBefore = (text: string, at: number, isLatin1: boolean): number =>
  isLatin1 ? at : Buffer.byteLength(text.slice(0, at));
