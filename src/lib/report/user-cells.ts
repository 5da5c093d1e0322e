import { stringify } from 'lossless-json';
import { type JsonObject, parseJsonObject } from '../core/manifest/json-object.ts';
import type { ManifestRow, ManifestShape } from '../core/manifest/manifest.ts';

/**
 * The user's cells of a row, aligned with `shape.columns`; longer when the row was. Of a JSON object strings come as
 * they are, other values as their JSON text, `null` and absent keys as empty cells. A line that was not
 * readable as JSON comes as one cell.
 */
export function userCells(shape: ManifestShape, row: ManifestRow): readonly string[] {
  if (shape.format !== 'jsonl' || row.defect) return row.cells;
  const object = parseJsonObject(row.cells[0] ?? '');
  return shape.columns.map((key) => (Object.hasOwn(object, key) ? toCell(object[key]) : ''));
}

/** The row's own JSON object, where it has one. */
export function userJson(shape: ManifestShape, row: ManifestRow): string | null {
  return shape.format === 'jsonl' && !row.defect ? (row.cells[0] ?? null) : null;
}

/**
 * Names for `count` cells of a row, each once: columns without a name, and cells beyond the header, become `column_<n>`; a
 * name that was there before gets a number behind it.
 */
export function uniqueNames(columns: readonly string[], count: number): string[] {
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, index) => {
    const base = columns[index] || `column_${index + 1}`;
    let name = base;
    for (let number = 2; taken.has(name); number += 1) name = `${base}_${number}`;
    taken.add(name);
    return name;
  });
}

function toCell(value: JsonObject[string]): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : (stringify(value) ?? '');
}
