import { promisify } from 'node:util';
import { brotliCompressSync, brotliDecompress, constants } from 'node:zlib';
import { z } from 'zod';
import { CHUNK_ROWS } from '../../../core/batch/chunk.ts';
import { damagedOutcome } from '../../../core/row/damaged-record.ts';
import type { Outcome } from '../../../core/row/outcome.ts';
import { type PackedOutcome, packFields, readFields, unpackFields } from './pack-outcome.ts';
import { putInHex } from './texts/hex-runs.ts';
import { idColumn, packIds, sizeOfIds, unpackIds } from './texts/id-columns.ts';
import { PackedText } from './texts/packed-text.ts';

const decompress = promisify(brotliDecompress);

/** The bits of a chunk's rows. The scripts change those at the beginning (`kept-rows.lua`). */
export const KEPT_BITS_BYTES = Math.ceil(CHUNK_ROWS / 8);
const HEAD_BYTES = 2 * KEPT_BITS_BYTES + 4;

const numbers = z.array(z.number());
/**
 * Fields that differ from row to row have one entry per row: times and rows as differences to the previous entry. The
 * ids are bytes beside it, in the order in which they are named here (`texts/id-columns.ts`). `others` are the other
 * fields as JSON, each text once, and `kinds` which of them a row has; empty if all have the first.
 */
const packedBlock = z.object({
  ends: numbers,
  lives: numbers,
  rows: numbers,
  sessions: idColumn,
  requests: idColumn,
  called: idColumn,
  batches: z.array(z.string()),
  batchOf: numbers,
  others: z.array(z.string()),
  kinds: numbers,
});
type PackedBlock = z.infer<typeof packedBlock>;

const COMPRESSION = {
  params: { [constants.BROTLI_PARAM_QUALITY]: 4, [constants.BROTLI_PARAM_LGWIN]: 17 },
};

const packedText = new PackedText();

/**
 * The outcomes of the rows of one chunk that keep a session, about 25 bytes each: a bit for each row whose outcome is
 * still this one, the same bits as they were at first, and the outcomes, compressed.
 */
export function packKept(outcomes: ReadonlyMap<number, Outcome>): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  const rows = [...outcomes.keys()].sort((one, other) => one - other);
  for (const row of rows) {
    const place = (row - 1) % CHUNK_ROWS;
    // As Redis counts bits: the highest of a byte comes first.
    head[place >> 3] = (head[place >> 3] ?? 0) | (0x80 >> (place & 7));
  }
  head.copy(head, KEPT_BITS_BYTES, 0, KEPT_BITS_BYTES);
  const { columns, bytes } = toColumns(rows.map((row) => outcomes.get(row) as Outcome));
  packedText.begin();
  packedText.json(JSON.stringify(columns));
  const hex = packedText.end();
  head.writeUInt32LE(hex.bytes.length + bytes.length, 2 * KEPT_BITS_BYTES);
  // Most of these texts are so short that a thread would cost more than it saves.
  return Buffer.concat([head, hex.bytes, bytes, brotliCompressSync(hex.text, COMPRESSION)]);
}

function toColumns(outcomes: readonly Outcome[]): { columns: PackedBlock; bytes: Buffer } {
  const sessions = packIds(outcomes.map(({ session }) => session?.id));
  const requests = packIds(outcomes.map(({ requestId }) => requestId));
  const called = packIds(outcomes.map((outcome) => outcome.called));
  const batches = new Texts();
  const others = new Texts();
  const batchOf = outcomes.map(({ keptFrom }) => batches.placeOf(keptFrom?.batchId ?? ''));
  const kinds = describeEach(outcomes, (text) => others.placeOf(text));
  const columns = {
    ends: differences(outcomes.map(({ finishedAtMs }) => finishedAtMs)),
    lives: differences(outcomes.map(lifeOf)),
    rows: differences(outcomes.map(({ keptFrom }) => keptFrom?.row ?? 0)),
    sessions: sessions.column,
    requests: requests.column,
    called: called.column,
    batches: batches.all,
    batchOf: batches.all.length > 1 ? batchOf : [],
    others: others.all,
    kinds: others.all.length > 1 ? kinds : [],
  };
  return { columns, bytes: Buffer.concat([sessions.bytes, requests.bytes, called.bytes]) };
}

const lifeOf = ({ session, finishedAtMs }: Outcome): number =>
  session === undefined ? 0 : session.expiresAtMs - finishedAtMs;

/** Distinct texts, and the place of each. */
class Texts {
  readonly all: string[] = [];
  readonly #places = new Map<string, number>();

  placeOf(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    this.#places.set(text, this.all.length);
    return this.all.push(text) - 1;
  }
}

/** The place of each outcome's other fields. Those of most rows are those of the row before. */
function describeEach(outcomes: readonly Outcome[], placeOf: (text: string) => number): number[] {
  let above: Outcome | null = null;
  let place = 0;
  return outcomes.map((outcome) => {
    if (above === null || !isLike(outcome, above)) place = placeOf(othersOf(outcome));
    above = outcome;
    return place;
  });
}

/** Fields that few rows have. */
const UNUSUAL = [
  'error',
  'failedAttempts',
  'cost',
  'renewal',
  'possibleOrphans',
  'unclearCalls',
] as const;

/** Whether the other fields are the same, by a quick test. False may be wrong. */
function isLike(one: Outcome, other: Outcome): boolean {
  return (
    one.status === other.status &&
    one.attempts === other.attempts &&
    one.httpStatus === other.httpStatus &&
    one.duplicateOf === other.duplicateOf &&
    (one.session === undefined) === (other.session === undefined) &&
    isPlain(one) &&
    isPlain(other) &&
    isSameVideo(one.video, other.video)
  );
}

const isPlain = (outcome: Outcome): boolean =>
  outcome.warnings.length === 0 && UNUSUAL.every((field) => outcome[field] === undefined);

function isSameVideo(one: Outcome['video'], other: Outcome['video']): boolean {
  return (
    one?.durationS === other?.durationS &&
    one?.width === other?.width &&
    one?.height === other?.height &&
    one?.fps === other?.fps &&
    (one === undefined) === (other === undefined)
  );
}

/** As JSON. */
function othersOf(outcome: Outcome): string {
  const { i: _, r: __, c: ___, k: ____, ...others } = packFields(outcome);
  return JSON.stringify({ ...others, t: 0 });
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
    const bytes = block.subarray(HEAD_BYTES, textAt);
    const columns = packedBlock.parse(JSON.parse(putInHex({ text, bytes })));
    return fromColumns(columns, bytes);
  } catch {
    return null;
  }
}

/** `bytes`: the last ones are those of the ids. */
function fromColumns(columns: PackedBlock, bytes: Buffer): Outcome[] {
  const [ends, lives, rows] = [sums(columns.ends), sums(columns.lives), sums(columns.rows)];
  const ids = [columns.sessions, columns.requests, columns.called];
  const sizes = ids.map((column) => sizeOfIds(column, ends.length));
  let at = bytes.length - sizes.reduce((sum, size) => sum + size, 0);
  const [sessions, requests, called] = ids.map((column, place) => {
    const start = at;
    at += sizes[place] ?? 0;
    return unpackIds(column, bytes.subarray(start, at));
  });
  const others = columns.others.map(readFields);
  return ends.map((t, place) => {
    const fields = others[columns.kinds[place] ?? 0];
    if (!fields) return damagedOutcome(t);
    const packed: PackedOutcome = { ...fields, t };
    const batchId = columns.batches[columns.batchOf[place] ?? 0];
    addPair(packed, 'i', sessions?.[place], lives[place]);
    addPair(packed, 'k', batchId, rows[place]);
    addText(packed, 'r', requests?.[place]);
    addText(packed, 'c', called?.[place]);
    return unpackFields(packed);
  });
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
