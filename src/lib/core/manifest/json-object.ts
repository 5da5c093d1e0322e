import { isLosslessNumber, parse } from 'lossless-json';

/** A JSON object whose numbers kept their digits. */
export type JsonObject = Record<string, unknown>;

/**
 * Parses the JSON text of one object, numbers digit for digit. A key that comes twice with different values is
 * refused, because which one is meant cannot be known.
 * @throws when `text` is anything but one JSON object; the message says why.
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
