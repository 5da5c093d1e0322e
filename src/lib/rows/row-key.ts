import { trimInvisible } from '../core/manifest/invisible.ts';
import { parseJsonObject } from '../core/manifest/json-object.ts';
import type { ManifestRow, ManifestShape } from '../core/manifest/manifest.ts';
import { toCell, userCells } from '../report/user-cells.ts';

/** The columns whose values are a row's key, as `--key` names them. */
export type KeyColumns = readonly string[];

/** Reads the values of a row's key columns, without white space around them; null if all of them are empty. */
export function createKeyReader(
  shape: ManifestShape,
  key: KeyColumns,
): (row: ManifestRow) => string[] | null {
  const cellsOf = shape.format === 'jsonl' ? keyMembers(key) : keyCells(shape, key);
  return (row) => {
    const values = cellsOf(row).map(trimInvisible);
    return values.every((value) => value === '') ? null : values;
  };
}

/** A key as one text: what people search for. */
export const keyText = (values: readonly string[]): string => values.join(',');

/** The place of a column, in upper or lower case; -1 for none. */
export function columnIndex(columns: readonly string[], wanted: string): number {
  const exact = columns.indexOf(wanted);
  if (exact >= 0) return exact;
  return columns.findIndex((column) => plain(column) === plain(wanted));
}

const plain = (name: string): string => trimInvisible(name).toLowerCase();

function keyCells(shape: ManifestShape, key: KeyColumns): (row: ManifestRow) => string[] {
  const places = key.map((wanted) => columnIndex(shape.columns, wanted));
  return (row) => {
    const cells = userCells(shape, row);
    return places.map((place) => cells[place] ?? '');
  };
}

/** By the names in the object itself: the columns are known only after all objects were read. */
function keyMembers(key: KeyColumns): (row: ManifestRow) => string[] {
  return ({ cells: [json = ''], defect }) => {
    if (defect) return [];
    const object = parseJsonObject(json);
    const names = Object.keys(object);
    return key.map((wanted) => toCell(object[names[columnIndex(names, wanted)] ?? ''] ?? null));
  };
}
