import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import { z } from 'zod';
import { CHUNK_ROWS } from '../../../core/batch/chunk.ts';
import { damagedOutcome } from '../../../core/row/damaged-record.ts';
import type { Outcome } from '../../../core/row/outcome.ts';
import { type PackedOutcome, packFields, readFields, unpackFields } from './pack-outcome.ts';
import { frontCode, undoFrontCoding } from './texts/front-coding.ts';
import { putInHex, takeOutHex } from './texts/hex-runs.ts';

const compress = promisify(brotliCompress);
const decompress = promisify(brotliDecompress);

/** The bits of a chunk's rows. The scripts change those at the beginning (`kept-rows.lua`). */
export const KEPT_BITS_BYTES = Math.ceil(CHUNK_ROWS / 8);
const HEAD_BYTES = 2 * KEPT_BITS_BYTES + 4;

const frontCoded = z.object({ shared: z.string(), rest: z.array(z.string()) });
const numbers = z.array(z.number());
/**
 * One entry a row in each: what differs from row to row, and the other fields as JSON. Times and rows are differences
 * to the entry before.
 */
const packedBlock = z.object({
  ends: numbers,
  lives: numbers,
  sessions: frontCoded,
  requests: frontCoded,
  called: frontCoded,
  batches: frontCoded,
  rows: numbers,
  others: frontCoded,
});

const COMPRESSION = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 17 },
};

/**
 * The outcomes of the rows of one chunk that keep a session, about 30 bytes each: a bit for each row whose outcome is
 * still this one, the same bits as they were at first, and the outcomes, compressed.
 */
export async function packKept(outcomes: ReadonlyMap<number, Outcome>): Promise<Buffer> {
  const head = Buffer.alloc(HEAD_BYTES);
  const packed: PackedOutcome[] = [];
  for (const [row, outcome] of [...outcomes].sort(([one], [other]) => one - other)) {
    const place = (row - 1) % CHUNK_ROWS;
    // As Redis counts bits: the highest of a byte comes first.
    head[place >> 3] = (head[place >> 3] ?? 0) | (0x80 >> (place & 7));
    packed.push(packFields(outcome));
  }
  head.copy(head, KEPT_BITS_BYTES, 0, KEPT_BITS_BYTES);
  const { text, bytes } = takeOutHex(JSON.stringify(toColumns(packed)));
  head.writeUInt32LE(bytes.length, 2 * KEPT_BITS_BYTES);
  return Buffer.concat([head, bytes, await compress(text, COMPRESSION)]);
}

function toColumns(packed: readonly PackedOutcome[]): z.infer<typeof packedBlock> {
  return {
    ends: differences(packed.map(({ t }) => t)),
    lives: differences(packed.map(({ i }) => i?.[1] ?? 0)),
    sessions: frontCode(packed.map(({ i }) => shorten(i?.[0]))),
    requests: frontCode(packed.map(({ r }) => shorten(r))),
    called: frontCode(packed.map(({ c }) => shorten(c))),
    batches: frontCode(packed.map(({ k }) => shorten(k?.[0]))),
    rows: differences(packed.map(({ k }) => k?.[1] ?? 0)),
    others: frontCode(packed.map(othersOf)),
  };
}

/** Fields with columns of their own. */
const OWN_COLUMNS: ReadonlySet<string> = new Set(['t', 'i', 'r', 'c', 'k']);

/** The other fields as JSON, without braces. */
function othersOf(packed: PackedOutcome): string {
  let text = '';
  for (const [name, value] of Object.entries(packed)) {
    if (!OWN_COLUMNS.has(name)) text += `${text && ','}"${name}":${JSON.stringify(value)}`;
  }
  return text;
}

function differences(values: readonly number[]): number[] {
  let before = 0;
  return values.map((value) => {
    const difference = value - before;
    before = value;
    return difference;
  });
}

function sums(differencesOfRows: readonly number[]): number[] {
  let sum = 0;
  return differencesOfRows.map((difference) => {
    sum += difference;
    return sum;
  });
}

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

/** A UUID without its hyphens is stored as 16 bytes (`texts/hex-runs.ts`). */
function shorten(text: string | undefined): string {
  if (text === undefined) return '';
  return UUID.test(text) ? `~${text.replaceAll('-', '')}` : `=${text}`;
}

function lengthen(text: string): string | undefined {
  if (text === '') return undefined;
  const id = text.slice(1);
  if (text[0] === '=') return id;
  const ends = [0, 8, 12, 16, 20, 32];
  return ends
    .slice(1)
    .map((end, at) => id.slice(ends[at], end))
    .join('-');
}

/**
 * The outcomes of the rows that still have the one in the block. `firstRow`: of the chunk. Outcomes that cannot be read
 * are replaced by one that represents the damage.
 */
export async function unpackKept(block: Buffer, firstRow: number): Promise<Map<number, Outcome>> {
  const isSet = (start: number, place: number): boolean =>
    ((block[start + (place >> 3)] ?? 0) & (0x80 >> (place & 7))) !== 0;
  const places = Array.from({ length: CHUNK_ROWS }, (_, place) => place);
  const outcomes = await unpackColumns(block);
  const found = new Map<number, Outcome>();
  let at = 0;
  for (const place of places) {
    const outcome = isSet(KEPT_BITS_BYTES, place) ? outcomes?.[at++] : undefined;
    if (isSet(0, place)) found.set(firstRow + place, outcome ?? damagedOutcome(0));
  }
  return found;
}

/** Which rows of a chunk still have the outcome in its block; `bits`: its first bytes. */
export const isKept = (bits: Buffer, row: number): boolean => {
  const place = (row - 1) % CHUNK_ROWS;
  return ((bits[place >> 3] ?? 0) & (0x80 >> (place & 7))) !== 0;
};

async function unpackColumns(block: Buffer): Promise<Outcome[] | null> {
  try {
    const textAt = HEAD_BYTES + block.readUInt32LE(2 * KEPT_BITS_BYTES);
    const text = (await decompress(block.subarray(textAt))).toString();
    const json = putInHex({ text, bytes: block.subarray(HEAD_BYTES, textAt) });
    return fromColumns(packedBlock.parse(JSON.parse(json)));
  } catch {
    return null;
  }
}

function fromColumns(columns: z.infer<typeof packedBlock>): Outcome[] {
  const [ends, lives, rows] = [sums(columns.ends), sums(columns.lives), sums(columns.rows)];
  const [sessions, requests, called, batches] = [
    columns.sessions,
    columns.requests,
    columns.called,
    columns.batches,
  ].map((column) => undoFrontCoding(column).map(lengthen));
  const readOthers = rememberLatest((text) => readFields(`{"t":0,${text}}`));
  return undoFrontCoding(columns.others).map((text, at) => {
    const t = ends[at] ?? 0;
    const others = readOthers(text);
    if (others === null) return damagedOutcome(t);
    const packed: PackedOutcome = { ...others, t };
    addPair(packed, 'i', sessions?.[at], lives[at]);
    addPair(packed, 'k', batches?.[at], rows[at]);
    addText(packed, 'r', requests?.[at]);
    addText(packed, 'c', called?.[at]);
    return unpackFields(packed);
  });
}

/** Most rows differ from the one before in their own columns only. */
function rememberLatest<T>(read: (text: string) => T): (text: string) => T {
  let latest: { text: string; value: T } | null = null;
  return (text) => {
    if (latest?.text !== text) latest = { text, value: read(text) };
    return latest.value;
  };
}

function addPair(
  packed: PackedOutcome,
  field: 'i' | 'k',
  text: string | undefined,
  number = 0,
): void {
  if (text !== undefined) packed[field] = [text, number];
}

function addText(packed: PackedOutcome, field: 'r' | 'c', text: string | undefined): void {
  if (text !== undefined) packed[field] = text;
}
