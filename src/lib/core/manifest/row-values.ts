import { isLosslessNumber } from 'lossless-json';
import { trimInvisible } from './invisible.ts';
import { type JsonObject, parseJsonObject } from './json-object.ts';
import {
  MANIFEST_ROLES,
  type ManifestRole,
  type ManifestRow,
  type ManifestShape,
} from './manifest.ts';

/** The value of a row for one role. */
export type RoleValue =
  | { kind: 'text'; text: string }
  | { kind: 'number'; digits: string }
  /** Any other JSON value: its JSON type. */
  | { kind: 'other'; type: string };

export type RoleValues = Partial<Record<ManifestRole, RoleValue>>;

/**
 * The values of a row for each role, without white space and invisible characters around them. Roles without a value
 * are left out.
 * @throws SyntaxError for a `jsonl` row that is not an object.
 */
export function readRoleValues(shape: ManifestShape, row: ManifestRow): RoleValues {
  return shape.format === 'jsonl' ? fromObject(shape, row) : fromCells(shape, row);
}

function fromCells(shape: ManifestShape, row: ManifestRow): RoleValues {
  const values: RoleValues = {};
  for (const { role, place } of placesOf(shape)) {
    const text = readCell(row.cells[place] ?? '');
    if (text !== '') values[role] = { kind: 'text', text };
  }
  return values;
}

interface RolePlace {
  role: ManifestRole;
  /** The index of its cell. */
  place: number;
}

/** A shape never changes, and all rows of a manifest have the same. */
const placesOfShapes = new WeakMap<ManifestShape, readonly RolePlace[]>();

function placesOf(shape: ManifestShape): readonly RolePlace[] {
  const known = placesOfShapes.get(shape);
  if (known !== undefined) return known;
  const places = MANIFEST_ROLES.flatMap((role) => {
    const column = shape.roles[role];
    return column === null ? [] : [{ role, place: shape.columns.indexOf(column) }];
  });
  placesOfShapes.set(shape, places);
  return places;
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

/** Values that programs write for an empty cell. */
const NOTHING =
  /^(?:n\/?a|nan|nat|none|nil|undefined|null|[(<[](?:null|na)[)>\]]|\\n|#n\/a|-{1,3}|–|—)$/i;

const LONGEST_NOTHING = 9;

/**
 * Two ways to make a spreadsheet keep digits as text: a leading apostrophe, or a formula that is only a text. With an
 * apostrophe at the end, too, both are quotes.
 */
const AS_TEXT = /^(?:'(?!.*'$)|="([^"]*)"$)/s;

/**
 * The target of a formula that is a link: the address in it, or the expression that computes the address, after a
 * `=`. If a link is only a part of the formula, the whole formula.
 */
export function linkOfFormula(formula: string): string | null {
  if (!/HYPERLINK\(/i.test(formula)) return null;
  // A text with something after it, such as `"https://…/"&A2`, is only a part of the address.
  const link = /^(?:of:)?=?\s*HYPERLINK\(\s*(?:"((?:[^"]|"")*)"\s*(?=[,;)]|$)|([^,;]*))/i.exec(
    formula,
  );
  if (link === null) return `=${formula.replace(/^(?:of:)?=?\s*/, '')}`;
  const [, address, expression = ''] = link;
  return address?.replaceAll('""', '"') ?? `=${expression.replace(/\)?\s*$/, '')}`;
}

/** The value of a cell, trimmed. Empty for a value that means "empty". */
function readCell(cell: string): string {
  const text = trimInvisible(cell);
  if (text.length <= LONGEST_NOTHING && NOTHING.test(text)) return '';
  const first = text[0];
  if (first !== "'" && first !== '=') return text;
  // LibreOffice writes links into a CSV like this when it saves formulas instead of results.
  const link = linkOfFormula(text);
  if (link !== null && !link.startsWith('=')) return trimInvisible(link);
  const bare = AS_TEXT.exec(text);
  return bare === null ? text : trimInvisible(bare[1] ?? text.slice(1));
}

function describe(value: unknown): RoleValue | null {
  if (value === null) return null;
  if (typeof value === 'string') {
    const text = readCell(value);
    return text === '' ? null : { kind: 'text', text };
  }
  if (isLosslessNumber(value)) return { kind: 'number', digits: value.value };
  return { kind: 'other', type: Array.isArray(value) ? 'array' : typeof value };
}
