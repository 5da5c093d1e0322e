import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { byteStreamSplit, readRleBitPackedHybrid } from 'hyparquet/src/encoding.js';
import { readPlain } from 'hyparquet/src/plain.js';
import type { ColumnType, StoredValue } from './column-type.ts';
import { ParquetError } from './parquet-error.ts';

/** The values of a page, by their index among those that are not null. */
export type Values = (index: number) => StoredValue | undefined;

const ENCODING = {
  plain: 0,
  plainDictionary: 2,
  rle: 3,
  deltaBinary: 5,
  deltaLength: 6,
  deltaBytes: 7,
};
const RLE_DICTIONARY = 8;
const BYTE_STREAM_SPLIT = 9;

/** A dictionary has fewer entries than this. */
const MAX_INDEX_BITS = 24;

export interface Encoded {
  bytes: Uint8Array;
  /** How many values there are, without nulls. */
  count: number;
  encoding: number;
  type: ColumnType;
  dictionary: Dictionary | null;
}

export interface Dictionary {
  values: Values;
  count: number;
}

/**
 * The values of a page. `hyparquet` decodes them, but believes every count that it reads, so the counts are checked
 * first.
 * @throws ParquetError
 */
export function readValues(encoded: Encoded): Values {
  const { bytes, count, encoding, type } = encoded;
  switch (encoding) {
    case ENCODING.plain:
      return readPlainValues(bytes, count, type);
    case ENCODING.plainDictionary:
    case RLE_DICTIONARY:
      return readIndexes(encoded);
    case ENCODING.rle:
      return readFlags(bytes, count, type);
    case ENCODING.deltaBinary:
      return readDeltas(bytes, count, type);
    case ENCODING.deltaLength:
      return readDeltaLengths(bytes, count, type);
    case ENCODING.deltaBytes:
      return readDeltaBytes(bytes, count, type);
    case BYTE_STREAM_SPLIT:
      return readSplit(bytes, count, type);
    default:
      throw new ParquetError(`its encoding ${encoding} is not known`);
  }
}

export function readPlainValues(bytes: Uint8Array, count: number, type: ColumnType): Values {
  switch (type.physical) {
    case 'BYTE_ARRAY':
      return readByteArrays(bytes, count);
    case 'FIXED_LEN_BYTE_ARRAY':
    case 'INT96':
      return readFixed(bytes, count, type.lengthBytes);
    default: {
      const values = readPlain(readerOf(bytes), type.physical, count, undefined);
      return (index) => values[index];
    }
  }
}

/** Each value follows its length. Only positions are kept, as an object per value would be larger than its text. */
function readByteArrays(bytes: Uint8Array, count: number): Values {
  const { view } = readerOf(bytes);
  const ends = new Uint32Array(count);
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    if (at + 4 > bytes.length) throw new ParquetError('a page is cut off');
    at += 4 + view.getUint32(at, true);
    if (at > bytes.length) throw new ParquetError('a page is cut off');
    ends[index] = at;
  }
  return (index) => {
    const end = ends[index];
    if (end === undefined) return undefined;
    return bytes.subarray((index === 0 ? 0 : (ends[index - 1] ?? 0)) + 4, end);
  };
}

function readFixed(bytes: Uint8Array, count: number, lengthBytes: number): Values {
  if (lengthBytes < 1 || count * lengthBytes > bytes.length)
    throw new ParquetError('a page is cut off');
  return (index) => bytes.subarray(index * lengthBytes, (index + 1) * lengthBytes);
}

function readIndexes({ bytes, count, dictionary }: Encoded): Values {
  if (dictionary === null) throw new ParquetError('a page lacks its dictionary');
  const bits = bytes[0] ?? 0;
  if (bits > MAX_INDEX_BITS) throw new ParquetError('a page cannot be read');
  const indexes = newIndexes(dictionary.count, count);
  if (bits > 0) readRuns(bytes.subarray(1), bits, indexes);
  for (const index of indexes) {
    if (index >= dictionary.count) throw new ParquetError('a page names what its dictionary lacks');
  }
  return (index) => {
    const place = indexes[index];
    return place === undefined ? undefined : dictionary.values(place);
  };
}

type Indexes = Uint8Array | Uint32Array;

const newIndexes = (dictionarySize: number, count: number): Indexes =>
  dictionarySize <= 256 ? new Uint8Array(count) : new Uint32Array(count);

/** Boolean values, in runs after their length. */
function readFlags(bytes: Uint8Array, count: number, type: ColumnType): Values {
  if (type.physical !== 'BOOLEAN') throw new ParquetError('a page cannot be read');
  const flags = new Uint8Array(count);
  readRuns(bytes.subarray(4), 1, flags);
  return (index) => flags[index] === 1;
}

/**
 * Fills `output` from runs of equal numbers and of packed ones.
 * @throws ParquetError if there are fewer, or many more.
 */
export function readRuns(bytes: Uint8Array, bits: number, output: Indexes): void {
  checkRuns(bytes, bits, output.length);
  readRleBitPackedHybrid(readerOf(bytes), bits, output, bytes.length);
}

function checkRuns(bytes: Uint8Array, bits: number, count: number): void {
  const scan = new Scan(bytes);
  for (let seen = 0; seen < count; ) {
    const head = scan.varint();
    const values = head % 2 === 1 ? (head - 1) * 4 : head / 2;
    // The last run may be padded: to whole bytes, or to whole groups of eight.
    if (values < 1 || values > count - seen + 512) throw new ParquetError('a page cannot be read');
    const isLast = seen + values >= count;
    const used = Math.min(values, count - seen);
    scan.skip(
      head % 2 === 0 ? Math.ceil(bits / 8) : Math.ceil(((isLast ? used : values) * bits) / 8),
    );
    seen += values;
  }
}

function readDeltas(bytes: Uint8Array, count: number, type: ColumnType): Values {
  const numbers = type.physical === 'INT32' ? new Int32Array(count) : new BigInt64Array(count);
  if (type.physical !== 'INT32' && type.physical !== 'INT64')
    throw new ParquetError('a page cannot be read');
  unpackDeltas(bytes, numbers);
  return (index) => numbers[index];
}

/** Returns how many bytes it has read. */
function unpackDeltas(bytes: Uint8Array, output: Int32Array | BigInt64Array): number {
  const usedBytes = checkDeltas(bytes, output.length);
  deltaBinaryUnpack(readerOf(bytes), output.length, output);
  return usedBytes;
}

/** Blocks of differences, each in smaller blocks with their own widths. */
function checkDeltas(bytes: Uint8Array, count: number): number {
  const scan = new Scan(bytes);
  const blockSize = scan.varint();
  const parts = scan.varint();
  const partSize = blockSize / parts;
  const isSound = blockSize <= 65_536 && parts >= 1 && partSize >= 8 && partSize % 8 === 0;
  if (!isSound) throw new ParquetError('a page cannot be read');
  scan.varint();
  scan.varint();
  for (let seen = 1; seen < count; ) {
    scan.varint();
    const widths = scan.skip(parts);
    for (const width of widths) {
      if (seen >= count) break;
      if (width > 64) throw new ParquetError('a page cannot be read');
      scan.skip((partSize * width) / 8);
      seen += partSize;
    }
  }
  return scan.offset;
}

function readDeltaLengths(bytes: Uint8Array, count: number, { physical }: ColumnType): Values {
  if (physical !== 'BYTE_ARRAY') throw new ParquetError('a page cannot be read');
  const lengths = new Int32Array(count);
  const start = unpackDeltas(bytes, lengths);
  return sliced(bytes.subarray(start), lengths);
}

function sliced(bytes: Uint8Array, lengths: Int32Array): Values {
  const ends = new Uint32Array(lengths.length);
  let at = 0;
  for (const [index, length] of lengths.entries()) {
    at += length;
    if (length < 0 || at > bytes.length) throw new ParquetError('a page is cut off');
    ends[index] = at;
  }
  return (index) => {
    const end = ends[index];
    return end === undefined ? undefined : bytes.subarray(index === 0 ? 0 : ends[index - 1], end);
  };
}

/** The most bytes of a page whose values share prefixes, once each has its own. */
const MAX_UNSHARED_BYTES = 128 * 1024 * 1024;

/** Each value shares a prefix with the one before it. */
function readDeltaBytes(
  bytes: Uint8Array,
  count: number,
  { physical, lengthBytes }: ColumnType,
): Values {
  const isFixed = physical === 'FIXED_LEN_BYTE_ARRAY';
  if (physical !== 'BYTE_ARRAY' && !isFixed) throw new ParquetError('a page cannot be read');
  const prefixes = new Int32Array(count);
  const lengths = new Int32Array(count);
  const start = unpackDeltas(bytes, prefixes);
  const suffixStart = start + unpackDeltas(bytes.subarray(start), lengths);
  const suffixes = sliced(bytes.subarray(suffixStart), lengths);
  const [whole, wholeLengths] = unshare(prefixes, lengths, suffixes);
  if (isFixed && wholeLengths.some((length) => length !== lengthBytes))
    throw new ParquetError('a page is cut off');
  return sliced(whole, wholeLengths);
}

/** The full values, one after the other, and their lengths. */
function unshare(
  prefixes: Int32Array,
  suffixLengths: Int32Array,
  suffixes: Values,
): [whole: Uint8Array, lengths: Int32Array] {
  const lengths = suffixLengths.map((length, index) => length + (prefixes[index] ?? 0));
  checkPrefixes(prefixes, lengths);
  const whole = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const [index, prefix] of prefixes.entries()) {
    const before = at - (lengths[index - 1] ?? 0);
    whole.copyWithin(at, before, before + prefix);
    whole.set(suffixes(index) as Uint8Array, at + prefix);
    at += lengths[index] ?? 0;
  }
  return [whole, lengths];
}

function checkPrefixes(prefixes: Int32Array, lengths: Int32Array): void {
  let total = 0;
  for (const [index, prefix] of prefixes.entries()) {
    if (prefix < 0 || prefix > (lengths[index - 1] ?? 0)) {
      throw new ParquetError('a page cannot be read');
    }
    total += lengths[index] ?? 0;
    if (total > MAX_UNSHARED_BYTES) throw new ParquetError('a page grows beyond all bounds');
  }
}

function readSplit(bytes: Uint8Array, count: number, type: ColumnType): Values {
  const { physical, lengthBytes } = type;
  if (physical === 'FIXED_LEN_BYTE_ARRAY') return readSplitFixed(bytes, count, lengthBytes);
  const isSplit = ['INT32', 'INT64', 'FLOAT', 'DOUBLE'].includes(physical);
  if (!isSplit) throw new ParquetError('a page cannot be read');
  const values = byteStreamSplit(readerOf(bytes), count, physical, undefined);
  return (index) => values[index];
}

/** First the first byte of every value, then the second one, and so on. */
function readSplitFixed(bytes: Uint8Array, count: number, lengthBytes: number): Values {
  if (lengthBytes < 1 || count * lengthBytes > bytes.length)
    throw new ParquetError('a page is cut off');
  return (index) =>
    Uint8Array.from({ length: lengthBytes }, (_, byte) => bytes[byte * count + index] ?? 0);
}

const readerOf = (bytes: Uint8Array): { view: DataView; offset: number } => ({
  view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
  offset: 0,
});

/** Walks over bytes that are not decoded yet. */
class Scan {
  offset = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  skip(count: number): Uint8Array {
    if (count > this.#bytes.length - this.offset) throw new ParquetError('a page is cut off');
    this.offset += count;
    return this.#bytes.subarray(this.offset - count, this.offset);
  }

  varint(): number {
    let value = 0;
    for (let read = 0; read < 10; read += 1) {
      const byte = this.skip(1)[0] ?? 0;
      value += (byte & 127) * 2 ** (7 * read);
      if (byte < 128) return value;
    }
    throw new ParquetError('a page cannot be read');
  }
}
