import { parseJsonObject } from '../../../lib/core/manifest/json-object.ts';
import { isKlingColumn } from '../../../lib/core/manifest/kling-columns.ts';
import { brokenJson } from '../defects.ts';
import type { LineParser } from './read-lines.ts';

const MAX_KEYS = 1000;

/** A string, or a structural character of JSON. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]/g;

/**
 * Makes a record from a line with one JSON object. New keys are appended to `columns`, at most 1000 in total. The
 * text is unchanged, except that its `kling_*` members are removed.
 */
export function jsonlParser(columns: string[]): LineParser {
  const known = new Set(columns);
  return (text, line) => {
    try {
      const { cell, keys } = readObject(text);
      for (const key of keys) {
        if (!known.has(key) && known.size < MAX_KEYS) {
          known.add(key);
          columns.push(key);
        }
      }
      return { line, cells: [cell ?? ''] };
    } catch (error) {
      const reason = error instanceof SyntaxError ? error.message : 'nested too deeply';
      return { line, cells: [text], defect: brokenJson(line, text, reason) };
    }
  };
}

/** `cell` is null for an empty object, which programs write for a blank row. */
function readObject(text: string): { cell: string | null; keys: string[] } {
  const object = parseJsonObject(text);
  const keys = Object.keys(object);
  const ownKeys = keys.filter((key) => !isKlingColumn(key));
  if (ownKeys.every((key) => isNothing(object[key]))) return { cell: null, keys: ownKeys };
  if (ownKeys.length === keys.length) return { cell: text.trim(), keys };
  const ownMembers = splitMembers(text).filter((member) => !isKlingColumn(keyOf(member)));
  return { cell: `{${ownMembers.join(',')}}`, keys: ownKeys };
}

const isNothing = (value: unknown): boolean =>
  value === null || (typeof value === 'string' && value.trim() === '');

/** The texts between the commas of a well-formed object. */
function splitMembers(json: string): string[] {
  const members: string[] = [];
  let depth = 0;
  let start = json.indexOf('{') + 1;
  for (const { 0: token, index } of json.matchAll(TOKEN)) {
    if (token === '{' || token === '[') depth += 1;
    if (token === '}' || token === ']') depth -= 1;
    if (depth === 0 || (depth === 1 && token === ',')) {
      members.push(json.slice(start, index));
      start = index + 1;
    }
  }
  return members;
}

function keyOf(member: string): string {
  const [key = '""'] = member.match(TOKEN) ?? [];
  return JSON.parse(key) as string;
}
