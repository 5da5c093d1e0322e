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
  const reader = new RecordReader(text, dialect);
  const records: string[][] = [];
  while (reader.at < text.length && records.length < maxRecords) {
    const start = reader.at;
    const record = reader.read();
    if (typeof record === 'string') {
      return { records, usedBytes: bytesBefore(text, start, isLatin1), isLatin1, trouble: record };
    }
    records.push(record);
  }
  const { at } = reader;
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

/** Moves through a text. A cell is one slice of the text; nothing else is created for it. */
class RecordReader {
  /** The start of the next record; within a record, the next character to read. */
  at = 0;
  readonly #text: string;
  readonly #delimiter: string;
  readonly #eol: Eol;
  /** The next quote at or after the latest record's start. */
  #quoteAt = -1;
  /** The end of the line that `at` is in. */
  #lineEnd = 0;
  /** How many cells the latest record had; the next one mostly has as many. */
  #width = 0;

  constructor(text: string, { delimiter, eol }: CsvDialect) {
    this.#text = text;
    this.#delimiter = delimiter;
    this.#eol = eol;
  }

  /** Most records are lines without quotes: one search and one split. */
  read(): string[] | CsvTrouble {
    const text = this.#text;
    this.#lineEnd = findOrEnd(text, this.#eol, this.at);
    if (this.#quoteAt < this.at) this.#quoteAt = findOrEnd(text, QUOTE, this.at);
    if (this.#quoteAt < this.#lineEnd) return this.#readWithQuotes();
    const line = cutLine(text, this.at, this.#lineEnd, this.#eol);
    this.at = afterEol(text, this.#lineEnd);
    return line.split(this.#delimiter);
  }

  #readWithQuotes(): string[] | CsvTrouble {
    const text = this.#text;
    const cells = new Array<string>(this.#width);
    let count = 0;
    for (;;) {
      const cell = text[this.at] === QUOTE ? this.#readQuotedCell() : this.#readBareCell();
      if (cell === null) return 'quote_not_closed';
      cells[count] = cell;
      count += 1;
      if (text[this.at] !== this.#delimiter) break;
      this.at += 1;
    }
    cells.length = count;
    this.#width = count;
    return this.#endRecord() ? cells : 'stray_quote';
  }

  /** Moves past the line end; false if something else follows. */
  #endRecord(): boolean {
    const text = this.#text;
    if (this.at === text.length) return true;
    if (this.#eol === '\n' && text.startsWith('\r\n', this.at)) this.at += 2;
    else if (text[this.at] === this.#eol) this.at += 1;
    else return false;
    return true;
  }

  /** Moves past the closing quote; null if there is none. */
  #readQuotedCell(): string | null {
    const text = this.#text;
    const start = this.at + 1;
    let hasDoubled = false;
    for (let at = text.indexOf(QUOTE, start); at >= 0; at = text.indexOf(QUOTE, at + 2)) {
      if (text[at + 1] === QUOTE) {
        hasDoubled = true;
        continue;
      }
      this.at = at + 1;
      const value = text.slice(start, at);
      return hasDoubled ? value.replaceAll('""', QUOTE) : value;
    }
    return null;
  }

  /** Moves to the delimiter or line end after the cell. */
  #readBareCell(): string {
    const text = this.#text;
    const start = this.at;
    // A quoted cell before this one may have held line ends.
    if (this.#lineEnd < start) this.#lineEnd = findOrEnd(text, this.#eol, start);
    const delimiterAt = text.indexOf(this.#delimiter, start);
    const isLast = delimiterAt < 0 || delimiterAt > this.#lineEnd;
    const value = isLast
      ? cutLine(text, start, this.#lineEnd, this.#eol)
      : text.slice(start, delimiterAt);
    this.at = start + value.length;
    return value;
  }
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
