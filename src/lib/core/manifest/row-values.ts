import { isLosslessNumber } from 'lossless-json';
import { type JsonObject, parseJsonObject } from './json-object.ts';
import {
  MANIFEST_ROLES,
  type ManifestRole,
  type ManifestRow,
  type ManifestShape,
} from './manifest.ts';

/** What a row holds for one role. */
export type RoleValue =
  | { kind: 'text'; text: string }
  | { kind: 'number'; digits: string }
  /** A JSON value that is neither: its JSON type. */
  | { kind: 'other'; type: string };

export type RoleValues = Partial<Record<ManifestRole, RoleValue>>;

/**
 * What a row holds for each role, white space around it removed; roles without a value are left out.
 * @throws SyntaxError for a `jsonl` row that is not an object.
 */
export function readRoleValues(shape: ManifestShape, row: ManifestRow): RoleValues {
  return shape.format === 'jsonl' ? fromObject(shape, row) : fromCells(shape, row);
}

function fromCells(shape: ManifestShape, row: ManifestRow): RoleValues {
  const values: RoleValues = {};
  for (const role of MANIFEST_ROLES) {
    const column = shape.roles[role];
    if (column === null) continue;
    const text = row.cells[shape.columns.indexOf(column)]?.trim();
    if (text) values[role] = { kind: 'text', text };
  }
  return values;
}

function fromObject(shape: ManifestShape, row: ManifestRow): RoleValues {
  const object: JsonObject = parseJsonObject(row.cells[0] ?? '');
  const values: RoleValues = {};
  for (const role of MANIFEST_ROLES) {
    const key = shape.roles[role];
    const value = key !== null && Object.hasOwn(object, key) ? describe(object[key]) : null;
    if (value) values[role] = value;
  }
  return values;
}

function describe(value: unknown): RoleValue | null {
  if (value === null) return null;
  if (typeof value === 'string') {
    const text = value.trim();
    return text === '' ? null : { kind: 'text', text };
  }
  if (isLosslessNumber(value)) return { kind: 'number', digits: value.value };
  return { kind: 'other', type: Array.isArray(value) ? 'array' : typeof value };
}
