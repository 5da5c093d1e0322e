import { parseJsonIn } from './answer-body.ts';

/** A field of an answer, at any depth. */
export interface JsonField {
  /** Lower case, without `_` and `-`: `session_id` and `sessionId` are the same name. */
  name: string;
  value: unknown;
  /** From 1 for the fields of the outermost object. */
  depth: number;
}

/** An answer has some dozen fields. Larger or deeper ones are not read to the end. */
const MAX_FIELDS = 500;
const MAX_DEPTH = 10;

/** Every named field of a JSON value, outermost first; texts that are JSON themselves are parsed, too. */
export function listFields(root: unknown): JsonField[] {
  const fields: JsonField[] = [];
  let level: unknown[] = [root];
  for (let depth = 1; depth <= MAX_DEPTH && level.length > 0; depth += 1) {
    const next: unknown[] = [];
    for (const parent of level) {
      for (const [key, value] of childrenOf(parent)) {
        if (fields.length >= MAX_FIELDS) return fields;
        fields.push({ name: key.toLowerCase().replace(/[_-]/g, ''), value, depth });
        next.push(opened(value));
      }
    }
    level = next;
  }
  return fields;
}

const childrenOf = (value: unknown): [string, unknown][] =>
  typeof value === 'object' && value !== null ? Object.entries(value) : [];

const opened = (value: unknown): unknown =>
  typeof value === 'string' && value.includes('{') ? parseJsonIn(value) : value;
