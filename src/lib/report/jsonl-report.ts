import type { ManifestShape } from '../core/manifest/manifest.ts';
import { KLING_COLUMNS, toKlingValues } from './kling-values.ts';
import type { LineFormatter, ReportEntry } from './report-formatter.ts';
import { uniqueNames, userCells, userJson } from './user-cells.ts';

/**
 * A report as one JSON object per line. The object of a JSONL manifest is kept as it was and only continued; the cells of
 * another manifest become strings under their columns' names. A line that was not readable as JSON stands in `kling_line`.
 */
export function jsonlReport(shape: ManifestShape): LineFormatter {
  const keys = uniqueNames(shape.columns, shape.columns.length).map((name) => JSON.stringify(name));
  return {
    header: null,
    line(entry) {
      const json = userJson(shape, entry.row);
      const own = json === null ? describeCells(shape, entry, keys) : membersOf(json);
      const values = toKlingValues(entry);
      const added = KLING_COLUMNS.map((column) => `"${column}":${JSON.stringify(values[column])}`);
      return `{${[...own, ...added].join(',')}}\n`;
    },
  };
}

/** The text between the braces of an object. */
function membersOf(json: string): string[] {
  const inside = json.slice(json.indexOf('{') + 1, json.lastIndexOf('}')).trim();
  return inside === '' ? [] : [inside];
}

function describeCells(shape: ManifestShape, { row }: ReportEntry, keys: string[]): string[] {
  if (shape.format === 'jsonl') return [`"kling_line":${JSON.stringify(row.cells[0] ?? '')}`];
  const cells = userCells(shape, row);
  const names =
    cells.length <= keys.length
      ? keys
      : uniqueNames(shape.columns, cells.length).map((name) => JSON.stringify(name));
  return cells.map((cell, index) => `${names[index]}:${JSON.stringify(cell)}`);
}
