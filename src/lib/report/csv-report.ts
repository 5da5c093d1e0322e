import type { ManifestRow, ManifestShape } from '../core/manifest/manifest.ts';
import { KLING_COLUMNS, QUOTING_COLUMNS, toKlingValues } from './kling-values.ts';
import type { LineFormatter, ReportOptions } from './report-formatter.ts';
import { userCells } from './user-cells.ts';

/** Spreadsheets run a cell that begins with one of these (OWASP, "CSV Injection"). */
const FORMULA_START = /^[=+\-@\t\r]/;

/** A first cell that may be mistaken for something other than a header: a byte order mark, JSON, a URL. */
const AMBIGUOUS_START = /^[^\p{L}\p{N}_]|:\/\//u;

/**
 * A report as CSV (RFC 4180) with the manifest's own delimiter. Lines end with LF, as is usual on the systems that
 * this program runs on; spreadsheets read both.
 */
export function csvReport(shape: ManifestShape, options: ReportOptions): LineFormatter {
  const delimiter = shape.delimiter ?? ',';
  const quoteCell = cellQuoter(delimiter);
  const ownCount = Math.max(shape.columns.length, options.maxCells ?? 0);
  const ownCell = (cell: string): string =>
    quoteCell(options.escapesOwnCells ? escapeFormula(cell) : cell);
  return {
    header: [...padded(shape.columns.map(ownCell), ownCount), ...KLING_COLUMNS]
      .map((cell, index) => (index === 0 ? quoteHeaderStart(cell) : cell))
      .join(delimiter)
      .concat('\n'),
    line(entry) {
      const own = padded(userCells(shape, entry.row).map(ownCell), ownCount).join(delimiter);
      const values = toKlingValues(entry, shape);
      const added = KLING_COLUMNS.map((column) => {
        const value = values[column];
        if (value === null) return '';
        const text = String(value);
        return quoteCell(QUOTING_COLUMNS.has(column) ? escapeFormula(text) : text);
      });
      return joinBytes(entry.row, own, `${delimiter}${added.join(delimiter)}\n`);
    },
  };
}

/** In a binary row, each character of a cell stands for one byte; added cells are UTF-8. */
function joinBytes(row: ManifestRow, own: string, added: string): string | Buffer {
  if (!row.isBinary) return own + added;
  return Buffer.concat([Buffer.from(own, 'latin1'), Buffer.from(added, 'utf8')]);
}

/** Quotes a cell if necessary. */
export function cellQuoter(delimiter: string): (cell: string) => string {
  const special = new RegExp(`["\\r\\n\\ufeff${delimiter}]`);
  return (cell) => (special.test(cell) ? quote(cell) : cell);
}

function quote(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}

function quoteHeaderStart(cell: string): string {
  return AMBIGUOUS_START.test(cell) && !cell.startsWith('"') ? quote(cell) : cell;
}

/** A leading apostrophe makes a spreadsheet treat a cell as text. */
export function escapeFormula(cell: string): string {
  return FORMULA_START.test(cell) ? `'${cell}` : cell;
}

function padded(cells: string[], count: number): string[] {
  while (cells.length < count) cells.push('');
  return cells;
}
