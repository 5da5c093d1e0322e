import { stringify } from 'lossless-json';
import { type JsonObject, parseJsonObject } from '../../lib/core/json-object.ts';
import { isKlingColumn } from '../../lib/core/kling-columns.ts';
import { brokenJson } from './defects.ts';
import type { LineParser } from './read-lines.ts';

const MAX_KEYS = 1000;

/**
 * Makes a record of a line with one JSON object. New keys are appended to `columns`, at most 1000 in all. The text is
 * kept as it came; only where it has `kling_*` keys is it written anew without them.
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
      return { line, cells: [cell] };
    } catch (error) {
      const reason = error instanceof SyntaxError ? error.message : 'nested too deeply';
      return { line, cells: [text], defect: brokenJson(line, text, reason) };
    }
  };
}

function readObject(text: string): { cell: string; keys: string[] } {
  const object = parseJsonObject(text);
  const keys = Object.keys(object);
  const own = keys.filter((key) => !isKlingColumn(key));
  if (own.length === keys.length) return { cell: text.trim(), keys };
  const kept: JsonObject = Object.fromEntries(own.map((key) => [key, object[key]]));
  return { cell: stringify(kept) ?? '{}', keys: own };
}
