import { isUtf8 } from 'node:buffer';
import { CsvError, type Options, parse } from 'csv-parse/sync';
import type { Eol } from '../text/window.ts';

export interface CsvDialect {
  delimiter: string;
  eol: Eol;
}

/** What could be made of a block of text. */
export interface CsvRecords {
  /** Complete records, blank lines among them as `['']`. Cells are Latin-1 when `isLatin1`. */
  records: string[][];
  /** Where the last complete record ends, its line end included. */
  usedBytes: number;
  isLatin1: boolean;
  /** What is wrong with the record after the last complete one; null when the block was used up. */
  trouble: 'quote_not_closed' | 'stray_quote' | null;
}

/**
 * Parses the records of a block that begins at the beginning of a record. Never throws on bad CSV: it stops at the first
 * record that is none. With `maxRecords` it stops after that many.
 */
export function parseCsvRecords(
  block: Buffer,
  dialect: CsvDialect,
  maxRecords?: number,
): CsvRecords {
  const isLatin1 = !isUtf8(block);
  const options: Options = {
    delimiter: dialect.delimiter,
    record_delimiter: dialect.eol === '\n' ? ['\r\n', '\n'] : ['\r'],
    encoding: isLatin1 ? 'latin1' : 'utf8',
    relax_column_count: true,
  };
  if (maxRecords === undefined) {
    const records = parseWhole(block, options);
    if (records) return { records, usedBytes: block.length, isLatin1, trouble: null };
  }
  return { ...parseUntilTrouble(block, { ...options, to: maxRecords ?? -1 }), isLatin1 };
}

/** The cells of one line, taking quotes as ordinary characters. For lines that cannot be read otherwise. */
export function splitLine(
  line: Buffer,
  dialect: CsvDialect,
): { cells: string[]; isLatin1: boolean } {
  const isLatin1 = !isUtf8(line);
  const [cells] = parse(line, {
    delimiter: dialect.delimiter,
    record_delimiter: dialect.eol === '\n' ? ['\r\n', '\n'] : ['\r'],
    encoding: isLatin1 ? 'latin1' : 'utf8',
    quote: null,
  });
  return { cells: cells ?? [], isLatin1 };
}

/** The fast way, almost twice as fast as the other: it does not say where records end. Null when anything is wrong. */
function parseWhole(block: Buffer, options: Options): string[][] | null {
  try {
    return parse(block, options) as unknown as string[][];
  } catch (error) {
    if (error instanceof CsvError) return null;
    throw error;
  }
}

function parseUntilTrouble(block: Buffer, options: Options): Omit<CsvRecords, 'isLatin1'> {
  const records: string[][] = [];
  let usedBytes = 0;
  try {
    parse(block, {
      ...options,
      on_record: (record: string[], { bytes }) => {
        records.push(record);
        usedBytes = bytes;
        return null;
      },
    });
    return { records, usedBytes, trouble: null };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const trouble = error.code === 'CSV_QUOTE_NOT_CLOSED' ? 'quote_not_closed' : 'stray_quote';
    return { records, usedBytes, trouble };
  }
}
