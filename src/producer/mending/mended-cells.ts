import { stringify } from 'lossless-json';
import { type JsonObject, parseJsonObject } from '../../lib/core/manifest/json-object.ts';
import {
  MANIFEST_ROLES,
  type ManifestRow,
  type ManifestShape,
} from '../../lib/core/manifest/manifest.ts';
import { toCell, userCells } from '../../lib/report/user-cells.ts';
import { columnIndex } from '../../lib/rows/row-key.ts';

interface ShapedRow {
  shape: ManifestShape;
  row: ManifestRow;
}

/**
 * The row of a table with the values of a corrected one, which may be of another format and have other columns. A
 * column is the same one by its role (such as the address of the video) or its name; what the corrected row lacks
 * stays, and what only it has is left out, except from JSON objects.
 */
export function mendCells({ shape, row }: ShapedRow, corrected: ShapedRow): ManifestRow {
  const { row: number, line } = row;
  const isReadable = row.defect === undefined;
  const values = valuesOf(corrected);
  if (shape.format === 'jsonl') {
    const own = isReadable && row.cells[0] ? parseJsonObject(row.cells[0]) : {};
    return { row: number, line, cells: [mendObject(own, shape, values)] };
  }
  const cells = isReadable ? [...userCells(shape, row)] : [];
  for (let at = cells.length; at < shape.columns.length; at += 1) cells.push('');
  for (const { name, role, value } of values) {
    const at = columnIndex(shape.columns, nameIn(shape, { name, role }));
    if (at >= 0) cells[at] = toCell(value);
  }
  return { row: number, line, cells };
}

interface Value {
  name: string;
  role: (typeof MANIFEST_ROLES)[number] | null;
  value: unknown;
}

function valuesOf({ shape, row }: ShapedRow): Value[] {
  if (row.defect !== undefined) return [];
  const roleOf = (name: string): Value['role'] =>
    MANIFEST_ROLES.find((role) => shape.roles[role] === name) ?? null;
  const members =
    shape.format === 'jsonl'
      ? Object.entries(parseJsonObject(row.cells[0] ?? '{}'))
      : shape.columns.map((name, at) => [name, row.cells[at] ?? ''] as const);
  return members.map(([name, value]) => ({ name, role: roleOf(name), value }));
}

/** The name of the same column in another table. */
const nameIn = (shape: ManifestShape, { name, role }: Pick<Value, 'name' | 'role'>): string =>
  (role && shape.roles[role]) ?? name;

/** Values of a table are texts: one that says the same as a number or another value does not replace it. */
function mendObject(own: JsonObject, shape: ManifestShape, values: readonly Value[]): string {
  const members = new Map(Object.entries(own));
  for (const { name, role, value } of values) {
    const key = nameIn(shape, { name, role });
    const known = members.get(key);
    if (known === undefined || toCell(known) !== toCell(value)) members.set(key, value);
  }
  return stringify(Object.fromEntries(members)) ?? '{}';
}
