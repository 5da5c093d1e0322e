import { trimInvisible } from '../../../lib/core/manifest/invisible.ts';
import {
  badEncoding,
  escapedQuote,
  raggedLine,
  recordTooLong,
  strayQuote,
  unclosedQuote,
} from '../defects.ts';
import { decodeCells, type RawRecord } from '../raw-record.ts';
import { BLOCK_BYTES, MAX_RECORD_BYTES, type TextWindow } from '../text/window.ts';
import { type CsvDialect, parseCsvRecords, splitLine } from './records.ts';

export interface CsvLayout extends CsvDialect {
  /** Line number of the first data record, from 1. */
  firstLine: number;
  /** How many cells the header has, `kling_*` included. */
  headerCells: number;
}

/**
 * The records of a CSV text that begins after the header, several at a time. Blank lines and counts of rows are
 * skipped, and records that lack cells at their end are filled up. Bad records come with their `defect` and never
 * affect the others.
 *
 * Text is parsed in blocks of whole lines. A block that ends inside a quoted cell leaves its last record to the next,
 * longer block. When a quote turns out to be wrong, or is not closed within `MAX_RECORD_BYTES`, only the first line
 * of that record is the bad row, and reading continues at the line after it.
 */
export async function* readCsv(text: TextWindow, layout: CsvLayout): AsyncGenerator<RawRecord[]> {
  let line = layout.firstLine;
  let wantedBytes = BLOCK_BYTES;
  for (;;) {
    const block = await text.wholeLines(wantedBytes);
    if (block === 'end') return;
    if (block === 'too_long') {
      yield [tooLongRecord(text, line)];
      await text.skipLine();
      line += 1;
      continue;
    }
    const { records, usedBytes, isLatin1, trouble } = parseCsvRecords(block, layout);
    const rows: RawRecord[] = [];
    line = collectRows(rows, records, { layout, line, isLatin1 });
    text.drop(usedBytes);
    wantedBytes = BLOCK_BYTES;
    if (trouble === 'quote_not_closed' && mayCloseLater(text, usedBytes)) {
      wantedBytes = Math.max(BLOCK_BYTES, text.bytes.length * 2);
    } else if (trouble !== null) {
      rows.push(badLine(text, layout, line, trouble));
      line += 1;
    }
    if (rows.length > 0) yield rows;
  }
}

/** Whether more text may close the open quote of the record at the front of the window. */
function mayCloseLater(text: TextWindow, usedBytes: number): boolean {
  return usedBytes > 0 || (!text.isAtEnd && text.bytes.length < MAX_RECORD_BYTES);
}

/** Appends the rows of `records`, the first of which begins at `line`; returns the line after the last. */
function collectRows(
  rows: RawRecord[],
  records: string[][],
  from: { layout: CsvLayout; line: number; isLatin1: boolean },
): number {
  const { eol, headerCells } = from.layout;
  let { line } = from;
  for (const record of records) {
    if (record.length > 1 || !isNoRow(record)) {
      rows.push(toRow(record, line, headerCells, from.isLatin1));
    }
    line += 1 + countLineEnds(record, eol);
  }
  return line;
}

function toRow(record: string[], line: number, headerCells: number, isLatin1: boolean): RawRecord {
  const { cells, isBinary } = isLatin1 ? decodeCells(record) : { cells: record, isBinary: false };
  if (isBinary) {
    return { line, cells, isBinary, defect: badEncoding(line, cells.join(' ')) };
  }
  if (cells.length > headerCells && !cells.every((cell) => trimInvisible(cell) === '')) {
    return { line, cells, defect: raggedLine(line, cells.length, headerCells) };
  }
  // Blank rows are left out later, whatever their width.
  cells.length = Math.min(cells.length, headerCells);
  // Spreadsheets and libraries omit the delimiters after a row's last cell.
  while (cells.length < headerCells) cells.push('');
  return { line, cells };
}

/** csv-parse also counts lines, but a CRLF inside a quoted cell as two. */
function countLineEnds(cells: string[], eol: string): number {
  let count = 0;
  for (const cell of cells) {
    for (let at = cell.indexOf(eol); at >= 0; at = cell.indexOf(eol, at + 1)) count += 1;
  }
  return count;
}

/** Database clients write the number of rows below them, in the language of their user: `(2 rows affected)`. */
const ROW_COUNT = /^(?:\(\d+ \p{L}[\p{L} ]*\)|\d+ rows selected\.)$/u;

/** Programs that follow CP/M and DOS write it after the last line. */
const END_OF_FILE = '\u001a';

function isNoRow([cell = '']: string[]): boolean {
  const text = cell.trim();
  return text === '' || text === END_OF_FILE || ROW_COUNT.test(text);
}

/**
 * Removes the first line from the window as an unreadable row. Google Sheets writes TSV without quoting: there a line
 * with all its cells is complete, whatever quotes are in them.
 */
function badLine(
  text: TextWindow,
  layout: CsvLayout,
  line: number,
  trouble: 'quote_not_closed' | 'stray_quote',
): RawRecord {
  const bytes = text.firstLine();
  text.drop(bytes.length);
  const split = splitLine(bytes, layout);
  const isEscaped = split.cells.some((cell) => ESCAPED_QUOTE.test(cell));
  const isComplete = split.cells.length === layout.headerCells && !split.isLatin1;
  if (layout.delimiter === '\t' && isComplete && !isEscaped) return { line, cells: split.cells };
  const describe = isEscaped
    ? escapedQuote
    : trouble === 'quote_not_closed'
      ? unclosedQuote
      : strayQuote;
  const defect = describe(line, bytes.toString('utf8'));
  return split.isLatin1
    ? { line, cells: split.cells, isBinary: true, defect }
    : { line, cells: split.cells, defect };
}

/** A quoted cell in which a quote follows a backslash, as R, Spark, PHP and MySQL write it. */
const ESCAPED_QUOTE = /^".*\\"/s;

function tooLongRecord(text: TextWindow, line: number): RawRecord {
  const start = text.bytes.subarray(0, 1000).toString('utf8');
  return { line, cells: [], defect: recordTooLong(line, start) };
}
