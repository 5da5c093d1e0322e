import type { ManifestShape } from '../core/manifest/manifest.ts';
import { KLING_COLUMNS, toKlingValues } from './kling-values.ts';
import type { LineFormatter, ReportLine } from './report-formatter.ts';
import { uniqueNames, userCells, userJson } from './user-cells.ts';

interface JsonlFormatter extends LineFormatter {
  /** `more` is added at the end of the object. */
  line(entry: ReportLine, more?: Readonly<Record<string, string | boolean>>): string;
}

/**
 * A report as one JSON object per line. The object of a JSONL manifest is kept and extended; the cells of another
 * manifest become strings under their columns' names. A line that is not valid JSON is in `kling_line`.
 */
export function jsonlReport(shape: ManifestShape): JsonlFormatter {
  const keys = uniqueNames(shape.columns, shape.columns.length).map((name) => JSON.stringify(name));
  return {
    header: null,
    line(entry, more = {}) {
      const json = userJson(shape, entry.row);
      const own = json === null ? describeCells(shape, entry, keys) : membersOf(json);
      const values = toKlingValues(entry, shape);
      const added = KLING_COLUMNS.map((column) => `"${column}":${JSON.stringify(values[column])}`);
      const further = Object.entries(more).map((member) =>
        member.map((part) => JSON.stringify(part)).join(':'),
      );
      return `${escapeLineEnds(`{${[...own, ...added, ...further].join(',')}}`)}\n`;
    },
  };
}

/**
 * JSON allows these three in a string as they are, but some readers end a line at them: `node:readline` since Node 24,
 * and Python's `splitlines`. A string in JSON is the only place where they can occur.
 */
const LINE_ENDS = /[\u0085\u2028\u2029]/g;

function escapeLineEnds(json: string): string {
  return json.replace(LINE_ENDS, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The text between the braces of an object. */
function membersOf(json: string): string[] {
  const inside = json.slice(json.indexOf('{') + 1, json.lastIndexOf('}')).trim();
  return inside === '' ? [] : [inside];
}

function describeCells(shape: ManifestShape, entry: ReportLine, keys: string[]): string[] {
  if ('missing' in entry) return [];
  const { row } = entry;
  if (shape.format === 'jsonl') return [`"kling_line":${JSON.stringify(row.cells[0] ?? '')}`];
  const cells = userCells(shape, row);
  const names =
    cells.length <= keys.length
      ? keys
      : uniqueNames(shape.columns, cells.length).map((name) => JSON.stringify(name));
  return cells.map((cell, index) => `${names[index]}:${JSON.stringify(cell)}`);
}
