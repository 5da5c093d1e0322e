import { isLosslessNumber, parse } from 'lossless-json';

/** A JSON object with numbers that keep all their digits. */
export type JsonObject = Record<string, unknown>;

/**
 * Parses the JSON text of one object, keeping every digit of its numbers. Refuses a key that occurs twice with
 * different values, because the right one is unknown.
 * @throws when `text` is not exactly one JSON object; the message says why.
 */
export function parseJsonObject(text: string): JsonObject {
  const value = parse(text);
  if (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    isLosslessNumber(value)
  ) {
    throw new SyntaxError('it is another JSON value');
  }
  return value as JsonObject;
}
