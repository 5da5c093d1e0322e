import type { ManifestRow, ManifestShape } from '../core/manifest/manifest.ts';
import { uniqueNames, userCells, userJson } from '../report/user-cells.ts';

/**
 * The user's own columns as the text of a JSON object that PostgreSQL's `jsonb` takes. The object of a JSONL manifest
 * stays as it is if `jsonb` can hold it. Otherwise its values become strings, like the cells of every other manifest.
 * A line that is no object, or one too deep, is the string `kling_line`.
 */
export function cellsAsJson(shape: ManifestShape, row: ManifestRow): string {
  const json = userJson(shape, row);
  if (json !== null && isPlain(json)) return json;
  const isTooDeep = json !== null && isDeep(json);
  if (shape.format === 'jsonl' && (json === null || isTooDeep)) {
    return asObject([memberOf('kling_line')], row.cells);
  }
  const cells = userCells(shape, row);
  return asObject(membersOf(shape.columns, cells.length), cells);
}

/**
 * What `jsonb` may refuse: escaped characters that no text can hold (U+0000, half a pair), numbers beyond the range
 * of `numeric`, and values in values too deep for the server's stack. A text that only looks like one is treated the
 * same.
 */
const isPlain = (json: string): boolean =>
  !/\\u(0000|d[89a-f])|\d[eE][+-]?\d{4}/i.test(json) && !isDeep(json);

const DEEPEST = 200;

function isDeep(json: string): boolean {
  if (json.length <= DEEPEST) return false;
  let depth = 0;
  for (const { 0: part } of json.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{}]/g)) {
    if (part.startsWith('"')) continue;
    depth += part === '[' || part === '{' ? 1 : -1;
    if (depth > DEEPEST) return true;
  }
  return false;
}

/** `members`: the beginnings of the object's members, in the order of the cells. */
function asObject(members: readonly string[], cells: readonly string[]): string {
  let text = '{';
  for (let at = 0; at < cells.length; at += 1) {
    const comma = at === 0 ? '' : ',';
    text += comma + (members[at] ?? memberOf('')) + JSON.stringify(asText(cells[at] ?? ''));
  }
  return `${text}}`;
}

const memberOf = (name: string): string => `${JSON.stringify(asText(name))}:`;

/** PostgreSQL holds neither U+0000 nor half a pair of surrogates: each becomes U+FFFD. */
export const asText = (text: string): string =>
  // Replacing creates garbage even if there is nothing to replace.
  UNHELD.test(text) ? text.replace(EACH_UNHELD, '\ufffd') : text;

const UNHELD = /[\0\p{Cs}]/u;
const EACH_UNHELD = new RegExp(UNHELD, 'gu');

const MEMBERS = new WeakMap<readonly string[], string[]>();

/** Kept as long as the columns, which is for a page of rows. */
function membersOf(columns: readonly string[], count: number): readonly string[] {
  const known = MEMBERS.get(columns);
  if (known !== undefined && known.length >= count) return known;
  const members = uniqueNames(columns, Math.max(count, columns.length)).map(memberOf);
  MEMBERS.set(columns, members);
  return members;
}
