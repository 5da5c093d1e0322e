import { isUtf8 } from 'node:buffer';
import { parseFloat16 } from 'hyparquet/src/convert.js';
import { ParquetError } from './parquet-error.ts';
import { showDecimal, showDuration, showTimestamp, showUuid } from './show-values.ts';
import type { ThriftStruct } from './thrift.ts';

/** A value as a page stores it: a number, or bytes. */
export type StoredValue = number | bigint | boolean | Uint8Array;

export type PhysicalType =
  | 'BOOLEAN'
  | 'INT32'
  | 'INT64'
  | 'INT96'
  | 'FLOAT'
  | 'DOUBLE'
  | 'BYTE_ARRAY'
  | 'FIXED_LEN_BYTE_ARRAY';

/** Kinds of columns that a table cannot show. */
export type NotShown = 'list' | 'map' | 'struct' | 'binary' | 'interval' | 'geometry' | 'variant';

export interface ColumnType {
  physical: PhysicalType;
  /** Bytes of a value of fixed length; 0 for others. */
  lengthBytes: number;
  /** Whether its bytes have no declared meaning: old writers store text so, others pictures. */
  isUndeclared: boolean;
  /** The cell; null when bytes that ought to be text are not UTF-8. */
  show: (value: StoredValue) => string | null;
}

const PHYSICAL: readonly PhysicalType[] = [
  'BOOLEAN',
  'INT32',
  'INT64',
  'INT96',
  'FLOAT',
  'DOUBLE',
  'BYTE_ARRAY',
  'FIXED_LEN_BYTE_ARRAY',
];

/** Members of the union `LogicalType`, and the values of the older `ConvertedType`. */
const LOGICAL = {
  string: 1,
  map: 2,
  list: 3,
  enum: 4,
  decimal: 5,
  date: 6,
  time: 7,
  timestamp: 8,
  integer: 10,
};
const LATER = {
  json: 12,
  bson: 13,
  uuid: 14,
  float16: 15,
  variant: 16,
  geometry: 17,
  geography: 18,
};
const CONVERTED = { utf8: 0, map: 1, mapKeyValue: 2, list: 3, enum: 4, decimal: 5, date: 6 };
const CONVERTED_TIMES = { timeMs: 7, timeUs: 8, timestampMs: 9, timestampUs: 10 };
const CONVERTED_OTHERS = { unsigned: [11, 12, 13, 14], json: 19, bson: 20, interval: 21 };
const INT96_BYTES = 12;
/** More than any program writes; 38 digits are usual, DuckDB and Arrow know up to 76. */
const MAX_SCALE = 200;
const MAX_DECIMAL_BYTES = 64;

type Show = ColumnType['show'];

/**
 * How a column's values are shown, or why they are not. Types that are not known yet are shown as what they are stored
 * as.
 */
export function columnTypeOf(element: ThriftStruct): ColumnType | NotShown {
  const physical = PHYSICAL[element.number(1) ?? -1];
  if (physical === undefined) return 'binary';
  const lengthBytes = physical === 'INT96' ? INT96_BYTES : (element.number(2) ?? 0);
  const shown = showOf(physical, element);
  if (typeof shown === 'string') return shown;
  const isUndeclared = shown === null;
  return { physical, lengthBytes, isUndeclared, show: shown ?? showText };
}

export function kindOfGroup(element: ThriftStruct): NotShown {
  const logical = element.struct(10);
  const converted = element.number(6);
  if (logical?.has(LOGICAL.list) || converted === CONVERTED.list) return 'list';
  if (logical?.has(LOGICAL.map) || converted === CONVERTED.map) return 'map';
  return logical?.has(LATER.variant) ? 'variant' : 'struct';
}

/** Null for bytes without a declared meaning. */
function showOf(physical: PhysicalType, element: ThriftStruct): Show | NotShown | null {
  switch (physical) {
    case 'BOOLEAN':
      return (value) => String(value);
    case 'INT32':
    case 'INT64':
      return showInteger(physical, element);
    case 'INT96':
      return (value) => (value instanceof Uint8Array ? showInt96(value) : '');
    case 'FLOAT':
      return (value) => showFloat(shortestSingle(Number(value)));
    case 'DOUBLE':
      return (value) => showFloat(Number(value));
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY':
      return showBytes(physical, element);
  }
}

function showInteger(physical: 'INT32' | 'INT64', element: ThriftStruct): Show {
  const logical = element.struct(10);
  const converted = element.number(6) ?? -1;
  if (logical?.has(LOGICAL.decimal) || converted === CONVERTED.decimal) {
    const scale = scaleOf(element);
    return (value) => showDecimal(BigInt(value as number | bigint), scale);
  }
  const timestamp = unitOf(logical?.struct(LOGICAL.timestamp), [
    [converted === CONVERTED_TIMES.timestampMs, 3],
    [converted === CONVERTED_TIMES.timestampUs, 6],
  ]);
  if (timestamp !== null) {
    const isUtc = logical?.struct(LOGICAL.timestamp)?.flag(1) ?? true;
    return (value) => showTimestamp(BigInt(value as number | bigint), timestamp, isUtc);
  }
  const time = unitOf(logical?.struct(LOGICAL.time), [
    [converted === CONVERTED_TIMES.timeMs, 3],
    [converted === CONVERTED_TIMES.timeUs, 6],
  ]);
  if (time !== null) return (value) => showDuration(BigInt(value as number | bigint), time);
  if (logical?.has(LOGICAL.date) || converted === CONVERTED.date) {
    return (value) => showTimestamp(BigInt(value as number) * 86_400n, 0, false).slice(0, -9);
  }
  const isUnsigned =
    CONVERTED_OTHERS.unsigned.includes(converted) ||
    logical?.struct(LOGICAL.integer)?.flag(2) === false;
  if (!isUnsigned) return (value) => String(value);
  return (value) =>
    String(BigInt.asUintN(physical === 'INT32' ? 32 : 64, BigInt(value as number | bigint)));
}

/** Digits after the second: 3, 6 or 9; null for other types. */
function unitOf(
  logical: ThriftStruct | null | undefined,
  converted: readonly (readonly [isIt: boolean, digits: number])[],
): number | null {
  const unit = logical?.struct(2);
  if (unit) return unit.has(1) ? 3 : unit.has(2) ? 6 : 9;
  return converted.find(([isIt]) => isIt)?.[1] ?? null;
}

function showBytes(physical: PhysicalType, element: ThriftStruct): Show | NotShown | null {
  const logical = element.struct(10);
  const converted = element.number(6) ?? -1;
  if (logical?.has(LOGICAL.decimal) || converted === CONVERTED.decimal) {
    const scale = scaleOf(element);
    return (value) => showDecimal(signedOf(value as Uint8Array), scale);
  }
  if (logical?.has(LATER.uuid)) return (value) => showUuid(value as Uint8Array);
  if (logical?.has(LATER.float16))
    return (value) => showFloat(parseFloat16(value as Uint8Array) ?? 0);
  if (logical?.has(LATER.geometry) || logical?.has(LATER.geography)) return 'geometry';
  if (converted === CONVERTED_OTHERS.interval) return 'interval';
  if (logical?.has(LATER.bson) || converted === CONVERTED_OTHERS.bson) return 'binary';
  if (isDeclaredText(logical, converted)) return showText;
  return physical === 'FIXED_LEN_BYTE_ARRAY' ? 'binary' : null;
}

function isDeclaredText(logical: ThriftStruct | null, converted: number): boolean {
  const kinds = [LOGICAL.string, LOGICAL.enum, LATER.json];
  return (
    kinds.some((kind) => logical?.has(kind)) ||
    [CONVERTED.utf8, CONVERTED.enum, CONVERTED_OTHERS.json].includes(converted)
  );
}

function scaleOf(element: ThriftStruct): number {
  const scale = element.struct(10)?.struct(LOGICAL.decimal)?.number(1) ?? element.number(7) ?? 0;
  if (Math.abs(scale) > MAX_SCALE) throw new ParquetError('a decimal column has too many digits');
  return scale;
}

const showText: Show = (value) => {
  const bytes = value as Uint8Array;
  if (!isUtf8(bytes)) return null;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
};

/** Big-endian, two's complement, as all decimals in bytes. */
function signedOf(bytes: Uint8Array): bigint {
  if (bytes.length > MAX_DECIMAL_BYTES) throw new ParquetError('a decimal has too many digits');
  const digits = Buffer.from(bytes).toString('hex');
  return digits === '' ? 0n : BigInt.asIntN(bytes.length * 8, BigInt(`0x${digits}`));
}

const JULIAN_DAY_OF_1970 = 2_440_588n;

/** Nanoseconds of a day, then its number in the Julian calendar: how Impala and old Spark store times. */
function showInt96(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const days = BigInt(view.getUint32(8, true)) - JULIAN_DAY_OF_1970;
  return showTimestamp(days * 86_400_000_000_000n + view.getBigUint64(0, true), 9, false);
}

/** From 10^15 on the last digits may be lost, and must not look like those of an id. */
function showFloat(value: number): string {
  const isExact = !(Math.abs(value) >= 1e15) || !Number.isFinite(value);
  return isExact ? String(value) : value.toExponential().toUpperCase();
}

/** The shortest digits that give the same number of single precision. */
function shortestSingle(value: number): number {
  for (let digits = 6; digits < 9; digits += 1) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return value;
}
