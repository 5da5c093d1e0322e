import { z } from 'zod';
import { frontCode, undoFrontCoding } from './front-coding.ts';

/**
 * How a column of ids is stored. Ids of the usual forms are bytes, which no compression makes smaller: UUIDs 16, groups
 * of four base64url characters 3, and numbers their difference to the number before, in `width` bytes. A column with
 * other ids, or without some, is texts.
 */
export const idColumn = z.union([
  z.object({ kind: z.literal('uuid') }),
  z.object({ kind: z.literal('base64') }),
  z.object({ kind: z.literal('number'), first: z.string(), width: z.int().min(1).max(6) }),
  z.object({ kind: z.literal('text'), shared: z.string(), rest: z.array(z.string()) }),
]);
export type IdColumn = z.infer<typeof idColumn>;

const NOTHING = Buffer.alloc(0);
const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
const BASE64 = /^[\w-]{4}$/;
/** Below 2^63. */
const NUMBER = /^[1-9]\d{0,17}$/;

/** `ids`: at least one; undefined for none. */
export function packIds(ids: readonly (string | undefined)[]): { column: IdColumn; bytes: Buffer } {
  if (areAll(ids, UUID)) {
    const digits = ids.join('').replaceAll('-', '');
    return { column: { kind: 'uuid' }, bytes: Buffer.from(digits, 'hex') };
  }
  if (areAll(ids, BASE64)) {
    return { column: { kind: 'base64' }, bytes: Buffer.from(ids.join(''), 'base64url') };
  }
  const numbers = areAll(ids, NUMBER) ? packNumbers(ids) : null;
  if (numbers !== null) return numbers;
  const texts = ids.map((id) => (id === undefined ? '' : `=${id}`));
  return { column: { kind: 'text', ...frontCode(texts) }, bytes: NOTHING };
}

function areAll(ids: readonly (string | undefined)[], form: RegExp): ids is readonly string[] {
  return ids.every((id) => id !== undefined && form.test(id));
}

/** Null if two neighbours are too far apart. */
function packNumbers(ids: readonly string[]): { column: IdColumn; bytes: Buffer } | null {
  const values = ids.map(BigInt);
  const steps = values.map((value, at) => (at === 0 ? 0 : Number(value - (values[at - 1] ?? 0n))));
  const largest = steps.reduce((most, step) => Math.max(most, Math.abs(step)), 0);
  const width = [1, 2, 3, 4, 5, 6].find((bytes) => largest < 2 ** (8 * bytes - 1));
  if (width === undefined) return null;
  const bytes = Buffer.allocUnsafe(width * steps.length);
  for (const [at, step] of steps.entries()) bytes.writeIntBE(step, at * width, width);
  return { column: { kind: 'number', first: ids[0] ?? '', width }, bytes };
}

/** How many bytes beside the column belong to it. */
export function sizeOfIds(column: IdColumn, count: number): number {
  switch (column.kind) {
    case 'uuid':
      return 16 * count;
    case 'base64':
      return 3 * count;
    case 'number':
      return column.width * count;
    case 'text':
      return 0;
  }
}

/** `bytes`: those of the column. */
export function unpackIds(column: IdColumn, bytes: Buffer): (string | undefined)[] {
  switch (column.kind) {
    case 'uuid':
      return unpackUuids(bytes.toString('hex'));
    case 'base64': {
      const text = bytes.toString('base64url');
      return Array.from({ length: bytes.length / 3 }, (_, at) => text.slice(4 * at, 4 * at + 4));
    }
    case 'number':
      return unpackNumbers(column, bytes);
    case 'text':
      return undoFrontCoding(column).map((text) => (text === '' ? undefined : text.slice(1)));
  }
}

function unpackUuids(digits: string): string[] {
  const part = (start: number, end: number): string => digits.slice(start, end);
  return Array.from({ length: digits.length / 32 }, (_, place) => {
    const at = 32 * place;
    return `${part(at, at + 8)}-${part(at + 8, at + 12)}-${part(at + 12, at + 16)}-${part(at + 16, at + 20)}-${part(at + 20, at + 32)}`;
  });
}

function unpackNumbers(
  { first, width }: { first: string; width: number },
  bytes: Buffer,
): string[] {
  let value = BigInt(first);
  return Array.from({ length: bytes.length / width }, (_, at) => {
    value += BigInt(bytes.readIntBE(at * width, width));
    return value.toString();
  });
}
