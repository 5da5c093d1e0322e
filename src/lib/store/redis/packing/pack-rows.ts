import { promisify } from 'node:util';
import {
  brotliCompress,
  brotliCompressSync,
  brotliDecompress,
  brotliDecompressSync,
  constants,
  inflateRaw,
} from 'node:zlib';
import { z } from 'zod';
import type { ManifestRow, RowProblem } from '../../../core/manifest/manifest.ts';
import { ROW_DEFECTS } from '../../../core/manifest/row-defects.ts';
import type { RowPick } from '../../row-index.ts';
import { undoFrontCoding } from './texts/front-coding.ts';
import { putInHex } from './texts/hex-runs.ts';
import { PackedText } from './texts/packed-text.ts';

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);
const inflate = promisify(inflateRaw);

const rowProblem: z.ZodType<RowProblem> = z.object({
  code: z.enum(ROW_DEFECTS),
  column: z.string().nullable(),
  value: z.string().nullable(),
  message: z.string(),
});
/** [line, cells] per row. An unreadable row adds its defect and whether its cells are bytes. */
const packedRow = z.union([
  z.tuple([z.int(), z.array(z.string())]),
  z.tuple([z.int(), z.array(z.string()), rowProblem, z.boolean()]),
]);
type PackedRow = z.infer<typeof packedRow>;

const firstRow = z.int().positive();
/** The form that versions without columns wrote. */
const packedByRow = z.object({ firstRow, rows: z.array(packedRow) });
/**
 * Column by column, so that similar cells are next to each other. Rows that differ from the others are stored
 * separately, with their place. `lines` lists only line numbers that do not follow the previous one.
 */
const packedByColumn = z.object({
  firstRow,
  count: z.int(),
  lines: z.array(z.tuple([z.int(), z.int()])),
  columns: z.array(z.object({ shared: z.string(), rest: z.array(z.string()) })),
  others: z.array(z.tuple([z.int(), packedRow])),
});

/** The first byte of rows that are packed by column. `deflate` never writes it first (RFC 1951, 3.2.3). */
const BY_COLUMN = 0x07;
const HEAD_BYTES = 5;

/** Level 3 takes 0.25 bytes a row more than 4, and a quarter less time. The window holds the text of most chunks. */
const COMPRESSION = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 3, [constants.BROTLI_PARAM_LGWIN]: 16 },
};

const LONG_BYTES = 1024 * 1024;
const LONG_COMPRESSED_BYTES = 64 * 1024;

const packedText = new PackedText();

/** Most chunks fit. Inflating into one piece is several times faster than into many. */
const INFLATED_AT_ONCE = 131_072;

/**
 * Rows of one chunk, in order and without gaps, compressed: about 8 bytes a row, and 40 with a signature of 64 digits.
 */
export async function packRows(rows: ManifestRow[]): Promise<Buffer> {
  const { text, head } = writeText(rows);
  // A thread costs more than it saves for a text that is compressed in less than a millisecond, as most are.
  const compressed =
    text.length > LONG_BYTES
      ? await compress(Buffer.from(text), COMPRESSION)
      : brotliCompressSync(text, COMPRESSION);
  return Buffer.concat([head, compressed]);
}

/** `text`: valid until the next call. `head`: what is stored before it. */
function writeText(rows: ManifestRow[]): { text: Buffer; head: Buffer } {
  const width = rows[0]?.cells.length ?? 0;
  const isLike = ({ cells, defect }: ManifestRow): boolean => !defect && cells.length === width;
  const alike = rows.every(isLike) ? rows : rows.filter(isLike);
  const others =
    alike.length === rows.length
      ? []
      : rows.flatMap((row, index) => (isLike(row) ? [] : [[index, toPacked(row)]]));
  packedText.begin();
  packedText.json(`{"firstRow":${rows[0]?.row ?? 1},"count":${rows.length}`);
  packedText.json(`,"lines":${JSON.stringify(jumps(rows))},"columns":[`);
  for (let at = 0; at < width; at += 1) {
    if (at > 0) packedText.json(',');
    packedText.column(alike.map(({ cells }) => cells[at] as string));
  }
  packedText.json(`],"others":${JSON.stringify(others)}}`);
  const { text, bytes } = packedText.end();
  const head = Buffer.allocUnsafe(HEAD_BYTES + bytes.length);
  head.writeUInt8(BY_COLUMN);
  head.writeUInt32LE(bytes.length, 1);
  bytes.copy(head, HEAD_BYTES);
  return { text, head };
}

function jumps(rows: readonly ManifestRow[]): [place: number, line: number][] {
  const found: [number, number][] = [];
  let next = -1;
  for (let place = 0; place < rows.length; place += 1) {
    const { line } = rows[place] as ManifestRow;
    if (line !== next) found.push([place, line]);
    next = line + 1;
  }
  return found;
}

const toPacked = ({ line, cells, defect, isBinary }: ManifestRow): PackedRow =>
  defect ? [line, cells, defect, isBinary ?? false] : [line, cells];

/** @throws Error if `packRows` did not make the bytes. */
export async function unpackRows(packed: Buffer): Promise<ManifestRow[]> {
  return parseRows(await inflateText(packed));
}

/** Returns only the wanted rows, in order. Throws like `unpackRows`. */
export async function unpackSomeRows(
  packed: Buffer,
  { rows: wanted, text: sought }: RowPick,
): Promise<ManifestRow[]> {
  const json = await inflateText(packed);
  const needle = sought === null ? '' : JSON.stringify(sought.toLowerCase()).slice(1, -1);
  const holds = (row: ManifestRow): boolean =>
    needle === '' || JSON.stringify(toPacked(row)).toLowerCase().includes(needle);
  return parseRows(json).filter((row) => (wanted?.has(row.row) ?? true) && holds(row));
}

async function inflateText(packed: Buffer): Promise<string> {
  const options = { chunkSize: INFLATED_AT_ONCE };
  if (packed[0] !== BY_COLUMN) return (await inflate(packed, options)).toString();
  const textAt = HEAD_BYTES + packed.readUInt32LE(1);
  const compressedText = packed.subarray(textAt);
  const text =
    compressedText.length > LONG_COMPRESSED_BYTES
      ? await decompress(compressedText, options)
      : brotliDecompressSync(compressedText, options);
  return putInHex({ text: text.toString(), bytes: packed.subarray(HEAD_BYTES, textAt) });
}

function parseRows(json: string): ManifestRow[] {
  const parsed: unknown = JSON.parse(json);
  if (!(parsed instanceof Object && 'columns' in parsed)) {
    const { firstRow: first, rows } = packedByRow.parse(parsed);
    return rows.map((row, index) => unpackRow(first + index, row));
  }
  const { firstRow: first, count, columns: coded, ...rest } = packedByColumn.parse(parsed);
  const others = new Map(rest.others);
  const jumpTo = new Map(rest.lines);
  const columns = coded.map(undoFrontCoding);
  let line = 0;
  let alike = 0;
  return Array.from({ length: count }, (_, place) => {
    line = jumpTo.get(place) ?? line + 1;
    const other = others.get(place);
    if (other) return unpackRow(first + place, other);
    const cells = columns.map((column) => column[alike] ?? '');
    alike += 1;
    return { row: first + place, line, cells };
  });
}

const unpackRow = (row: number, [line, cells, defect, isBinary]: PackedRow): ManifestRow => ({
  row,
  line,
  cells,
  ...(defect !== undefined && { defect }),
  ...(isBinary && { isBinary }),
});
