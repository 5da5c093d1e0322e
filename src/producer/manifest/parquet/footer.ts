import type { FileHandle } from 'node:fs/promises';
import { type ColumnType, columnTypeOf, kindOfGroup, type NotShown } from './column-type.ts';
import { ParquetError, unreadableParquet } from './parquet-error.ts';
import { readStruct, type ThriftStruct } from './thrift.ts';

export interface ParquetFile {
  handle: FileHandle;
  label: string;
  sizeBytes: number;
  signal: AbortSignal;
}

/** The metadata of a Parquet file. */
export interface Footer {
  /** Columns that hold one value a row, in file order. */
  columns: Column[];
  /** Top-level columns that a table cannot show. */
  notShown: { name: string; kind: NotShown }[];
  groups: RowGroup[];
}

export interface Column {
  name: string;
  type: ColumnType;
  isNullable: boolean;
  /** Its index among the physical columns, by which row groups list their parts. */
  leaf: number;
}

export interface RowGroup {
  rows: number;
  /** Indexed by `leaf`. */
  chunks: Chunk[];
}

/** The values of one column in one row group: pages, one after the other. */
export interface Chunk {
  codec: number;
  startBytes: number;
  sizeBytes: number;
}

const MAGIC = 'PAR1';
const TAIL_BYTES = 8;
/** 10,000,000 rows with 20 columns in the small row groups of DuckDB need a fifth. */
const MAX_FOOTER_BYTES = 8 * 1024 * 1024;
const MAX_FOOTER_ITEMS = 1_000_000;
const MAX_COLUMNS = 16_384;

/** Beyond both, a file declares more rows than its bytes can hold. */
const MAX_ROWS_PER_BYTE = 1;
const MIN_BOMB_ROWS = 1_000_000;

/** @throws ParquetError, ManifestError `unsupported_format`. */
export async function readFooter(file: ParquetFile): Promise<Footer> {
  const tail = await readAt(file, file.sizeBytes - TAIL_BYTES, TAIL_BYTES);
  const magic = tail.toString('latin1', 4);
  if (magic === 'PARE')
    throw unreadableParquet(file.label, 'is encrypted; write it without encryption.');
  if (magic !== MAGIC) throw new ParquetError('its end is missing');
  const lengthBytes = tail.readUInt32LE();
  if (lengthBytes > MAX_FOOTER_BYTES) {
    throw unreadableParquet(
      file.label,
      'has too many row groups or columns; write it with larger row groups, or as CSV.',
    );
  }
  const bytes = await readAt(file, file.sizeBytes - TAIL_BYTES - lengthBytes, lengthBytes);
  const { struct } = readStruct(bytes, MAX_FOOTER_ITEMS);
  const schema = readSchema(struct.structs(2));
  const groups = struct.structs(4).map((group) => readGroup(group, schema.leaves, file.label));
  checkSizes(groups, file.sizeBytes);
  return { columns: schema.columns, notShown: schema.notShown, groups };
}

/** @throws ParquetError when the file has no such bytes. */
export async function readAt(
  { handle, signal }: ParquetFile,
  position: number,
  lengthBytes: number,
): Promise<Buffer> {
  signal.throwIfAborted();
  if (position < 0) throw new ParquetError('a part lies outside of it');
  const buffer = Buffer.allocUnsafe(lengthBytes);
  let filled = 0;
  while (filled < lengthBytes) {
    const { bytesRead } = await handle.read(
      buffer,
      filled,
      lengthBytes - filled,
      position + filled,
    );
    if (bytesRead === 0) throw new ParquetError('a part lies outside of it');
    filled += bytesRead;
  }
  return buffer;
}

interface Schema extends Pick<Footer, 'columns' | 'notShown'> {
  leaves: number;
}

/** The schema is a tree, listed depth first, each element with its number of children. The first one is its root. */
function readSchema([root, ...elements]: ThriftStruct[]): Schema {
  if (root === undefined) throw new ParquetError('it has no columns');
  const schema: Schema = { columns: [], notShown: [], leaves: 0 };
  let at = 0;
  while (at < elements.length) {
    const element = elements[at] as ThriftStruct;
    const end = endOfElement(elements, at);
    addColumn(schema, element);
    schema.leaves += elements.slice(at, end).filter((one) => childrenOf(one) === 0).length;
    at = end;
  }
  if (schema.leaves > MAX_COLUMNS) throw new ParquetError('it has too many columns');
  return schema;
}

const REPEATED = 2;
const REQUIRED = 0;

function addColumn(schema: Schema, element: ThriftStruct): void {
  const name = element.text(4) ?? '';
  const repetition = element.number(3);
  if (childrenOf(element) > 0) {
    schema.notShown.push({ name, kind: kindOfGroup(element) });
    return;
  }
  const type = repetition === REPEATED ? 'list' : columnTypeOf(element);
  if (typeof type === 'string') schema.notShown.push({ name, kind: type });
  else
    schema.columns.push({ name, type, isNullable: repetition !== REQUIRED, leaf: schema.leaves });
}

const childrenOf = (element: ThriftStruct): number => element.number(5) ?? 0;

/** The place after an element and all below it. */
function endOfElement(elements: readonly ThriftStruct[], start: number): number {
  let at = start;
  for (let open = 1; open > 0; at += 1) {
    const element = elements[at];
    if (element === undefined) throw new ParquetError('its list of columns is cut off');
    open += childrenOf(element) - 1;
  }
  return at;
}

function readGroup(group: ThriftStruct, leaves: number, label: string): RowGroup {
  const chunks = group.structs(1);
  const rows = group.number(3) ?? -1;
  if (chunks.length !== leaves || rows < 0) throw new ParquetError('a row group lacks columns');
  return { rows, chunks: chunks.map((chunk) => readChunk(chunk, label)) };
}

function readChunk(chunk: ThriftStruct, label: string): Chunk {
  if (chunk.has(1))
    throw unreadableParquet(label, 'keeps its columns in other files; write it as one file.');
  const about = chunk.struct(3);
  if (about === null || chunk.has(8)) {
    throw unreadableParquet(label, 'has encrypted columns; write it without encryption.');
  }
  const data = about.number(9) ?? -1;
  const dictionary = about.number(11) ?? 0;
  const sizeBytes = about.number(7) ?? -1;
  const startBytes = dictionary > 0 ? Math.min(dictionary, data) : data;
  if (startBytes < 0 || sizeBytes < 0) throw new ParquetError('a part lies outside of it');
  return { codec: about.number(4) ?? -1, startBytes, sizeBytes };
}

/** Chunks do not overlap, so reading all of them costs no more than the file has. */
function checkSizes(groups: readonly RowGroup[], sizeBytes: number): void {
  let chunkBytes = 0;
  let rows = 0;
  for (const group of groups) {
    rows += group.rows;
    for (const chunk of group.chunks) {
      chunkBytes += chunk.sizeBytes;
      if (chunk.startBytes + chunk.sizeBytes > sizeBytes)
        throw new ParquetError('a part lies outside of it');
    }
  }
  if (chunkBytes > sizeBytes) throw new ParquetError('its parts overlap');
  if (rows > Math.max(MIN_BOMB_ROWS, sizeBytes * MAX_ROWS_PER_BYTE)) {
    throw new ParquetError(`it declares ${rows} rows, which its bytes cannot hold`);
  }
}
