import { stringify } from 'lossless-json';
import { type JsonObject, parseJsonObject } from '../core/manifest/json-object.ts';
import type { ManifestRow, ManifestShape } from '../core/manifest/manifest.ts';

/**
 * The user's cells of a row, aligned with `shape.columns`, or longer if the row is. From a JSON object, strings are
 * unchanged, other values become their JSON text, `null` and absent keys become empty cells. A line that is not valid
 * JSON becomes one cell.
 */
export function userCells(shape: ManifestShape, row: ManifestRow): readonly string[] {
  if (shape.format !== 'jsonl' || row.defect) return row.cells;
  const object = parseJsonObject(row.cells[0] ?? '');
  return shape.columns.map((key) => (Object.hasOwn(object, key) ? toCell(object[key]) : ''));
}

/** The row's own JSON object, if it has one. */
export function userJson(shape: ManifestShape, row: ManifestRow): string | null {
  return shape.format === 'jsonl' && !row.defect ? (row.cells[0] ?? null) : null;
}

/**
 * Unique names for `count` cells of a row: columns without a name, and cells beyond the header, become `column_<n>`;
 * a repeated name gets a number.
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

/** A value of a JSON object as a cell. */
export function toCell(value: JsonObject[string]): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : (stringify(value) ?? '');
}
