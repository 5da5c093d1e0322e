import { crc32 } from 'node:zlib';
import type { StoredValue } from './column-type.ts';
import { decompress } from './decompress.ts';
import {
  type Dictionary,
  type Encoded,
  readPlainValues,
  readRuns,
  readValues,
  type Values,
} from './encodings.ts';
import { type Chunk, type Column, type ParquetFile, readAt } from './footer.ts';
import { ParquetError, unreadableParquet } from './parquet-error.ts';
import { readStruct, type ThriftStruct } from './thrift.ts';

/** Some consecutive values of one column. */
export interface Page {
  count: number;
  /** The value at an index from 0; null for none. Call it in ascending order. */
  next(): StoredValue | null;
  /** How much memory it takes, its dictionary included. */
  heldBytes: number;
}

/** A page header has a few numbers, and the least and the largest value of its page. */
const HEADER_BYTES = 4 * 1024;
const MAX_HEADER_BYTES = 1024 * 1024;
const MAX_HEADER_ITEMS = 500;

/** DuckDB makes pages of up to 100 MB; others about 1 MB. */
const MAX_PAGE_BYTES = 120 * 1024 * 1024;
const MAX_PAGE_VALUES = 8 * 1024 * 1024;

const KIND = { data: 0, index: 1, dictionary: 2, dataV2: 3 };

/**
 * The pages of a column in a row group, one at a time.
 * @throws ParquetError, ManifestError `unsupported_format`.
 */
export async function* readPages(
  file: ParquetFile,
  column: Column,
  chunk: Chunk,
): AsyncGenerator<Page> {
  const end = chunk.startBytes + chunk.sizeBytes;
  let dictionary: (Dictionary & { heldBytes: number }) | null = null;
  for (let at = chunk.startBytes; at < end; ) {
    const header = await readHeader(file, at, end);
    const { dataBytes, storedBytes } = sizesOf(header.struct, file.label);
    at += header.lengthBytes;
    if (at + storedBytes > end) throw new ParquetError('a page is cut off');
    const kind = header.struct.number(1);
    const stored = {
      chunk,
      column,
      header: header.struct,
      dataBytes,
      bytes: await readAt(file, at, storedBytes),
    };
    at += storedBytes;
    checkSum(stored);
    if (kind === KIND.dictionary) dictionary = await readDictionary(stored);
    else if (kind === KIND.data || kind === KIND.dataV2)
      yield await readDataPage(stored, dictionary);
    else if (kind !== KIND.index) throw new ParquetError('a page is of an unknown kind');
  }
}

async function readHeader(
  file: ParquetFile,
  at: number,
  end: number,
): Promise<{ struct: ThriftStruct; lengthBytes: number }> {
  for (let wanted = HEADER_BYTES; ; wanted *= 16) {
    const lengthBytes = Math.min(wanted, end - at);
    const bytes = await readAt(file, at, lengthBytes);
    try {
      return readStruct(bytes, MAX_HEADER_ITEMS);
    } catch (error) {
      if (lengthBytes === end - at || wanted >= MAX_HEADER_BYTES) throw error;
    }
  }
}

function sizesOf(header: ThriftStruct, label: string): { dataBytes: number; storedBytes: number } {
  const dataBytes = header.number(2) ?? -1;
  const storedBytes = header.number(3) ?? -1;
  if (dataBytes < 0 || storedBytes < 0) throw new ParquetError('a page has no size');
  if (dataBytes > MAX_PAGE_BYTES || storedBytes > MAX_PAGE_BYTES) throw tooLarge(label);
  return { dataBytes, storedBytes };
}

export const tooLarge = (label: string) =>
  unreadableParquet(
    label,
    'needs too much memory to read; write it with smaller row groups, of 50,000 rows for example.',
  );

interface StoredPage {
  chunk: Chunk;
  column: Column;
  header: ThriftStruct;
  /** Its size after decompression. */
  dataBytes: number;
  bytes: Buffer;
}

function checkSum({ header, bytes }: StoredPage): void {
  const sum = header.number(4);
  if (sum !== null && crc32(bytes) !== sum >>> 0)
    throw new ParquetError('the checksum of a page is wrong');
}

async function readDictionary(page: StoredPage): Promise<Dictionary & { heldBytes: number }> {
  const count = countOf(page.header.struct(7));
  const bytes = await decompress(page.chunk.codec, page.bytes, page.dataBytes);
  const values = decoding(() => readPlainValues(bytes, count, page.column.type));
  return { values, count, heldBytes: bytes.length + 4 * count };
}

function countOf(header: ThriftStruct | null): number {
  const count = header?.number(1) ?? -1;
  if (count < 0 || count > MAX_PAGE_VALUES) throw new ParquetError('a page has too many values');
  return count;
}

async function readDataPage(
  page: StoredPage,
  dictionary: (Dictionary & { heldBytes: number }) | null,
): Promise<Page> {
  const isSecond = page.header.number(1) === KIND.dataV2;
  const { count, encoding, levels, bytes } = isSecond ? await openV2(page) : await openV1(page);
  const present = levels === null ? count : levels.reduce((sum, level) => sum + level, 0);
  const encoded: Encoded = { bytes, count: present, encoding, type: page.column.type, dictionary };
  const values = decoding(() => readValues(encoded));
  const heldBytes = bytes.length + 9 * count + (dictionary?.heldBytes ?? 0);
  return { count, heldBytes, next: reading(values, levels) };
}

interface OpenPage {
  count: number;
  encoding: number;
  /** 1 for a value, 0 for none; null if there are no gaps. */
  levels: Uint8Array | null;
  bytes: Uint8Array;
}

/** Levels and values are compressed together. */
async function openV1({ chunk, column, header, dataBytes, bytes }: StoredPage): Promise<OpenPage> {
  const about = header.struct(5);
  const page = await decompress(chunk.codec, bytes, dataBytes);
  const opened = {
    count: countOf(about),
    encoding: about?.number(2) ?? -1,
    levels: null,
    bytes: page,
  };
  if (!column.isNullable) return opened;
  if (page.length < 4) throw new ParquetError('a page is cut off');
  const end = 4 + new DataView(page.buffer, page.byteOffset).getUint32(0, true);
  if (end > page.length) throw new ParquetError('a page is cut off');
  const levels = readLevels(page.subarray(4, end), opened.count);
  return { ...opened, levels, bytes: page.subarray(end) };
}

/** Only the values are compressed, and only if the header says so. */
async function openV2({ chunk, column, header, dataBytes, bytes }: StoredPage): Promise<OpenPage> {
  const about = header.struct(8);
  const levelStart = about?.number(6) ?? 0;
  const start = levelStart + (about?.number(5) ?? 0);
  if (levelStart < 0 || start < levelStart || start > Math.min(bytes.length, dataBytes)) {
    throw new ParquetError('a page is cut off');
  }
  const count = countOf(about);
  const levels = column.isNullable ? readLevels(bytes.subarray(levelStart, start), count) : null;
  const codec = about?.flag(7) === false ? 0 : chunk.codec;
  const values = bytes.subarray(start);
  const isEmpty = dataBytes === start;
  const data = isEmpty ? new Uint8Array() : await decompress(codec, values, dataBytes - start);
  return { count, encoding: about?.number(4) ?? -1, levels, bytes: data };
}

function readLevels(bytes: Uint8Array, count: number): Uint8Array {
  const levels = new Uint8Array(count);
  decoding(() => readRuns(bytes, 1, levels));
  return levels;
}

function reading(values: Values, levels: Uint8Array | null): Page['next'] {
  let row = 0;
  let place = 0;
  return () => {
    const isNull = levels !== null && levels[row] !== 1;
    row += 1;
    if (isNull) return null;
    place += 1;
    return values(place - 1) ?? null;
  };
}

/** Turns an error that `hyparquet` throws at damaged bytes into a `ParquetError`. */
function decoding<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof ParquetError) throw error;
    throw new ParquetError('a page cannot be read', { cause: error });
  }
}
