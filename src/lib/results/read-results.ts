import type { Batch, BatchRef } from '../core/batch/batch.ts';
import { chunkOfRow, countChunks, firstRowOfChunk } from '../core/batch/chunk.ts';
import { formatPosition, type Position } from '../core/feed/position.ts';
import type { ManifestRow } from '../core/manifest/manifest.ts';
import type { Outcome } from '../core/row/outcome.ts';
import { sessionBucket } from '../core/time-buckets.ts';
import { joinOutcomes } from '../report/read-entries.ts';
import type { ReportEntry } from '../report/report-formatter.ts';
import type { BatchStore } from '../store/batch-store.ts';
import type { FeedEvent, FeedScope, ResultFeed } from '../store/result-feed.ts';
import type { RowIndex } from '../store/row-index.ts';
import { nullIfUnreadable } from '../store/unreadable-record.ts';

/** What rows and their outcomes are read from. */
export interface RowReading {
  store: BatchStore;
  rowIndex: RowIndex;
}

export interface ResultsContext extends RowReading {
  feed: ResultFeed;
}

export interface ResultsQuery {
  from: Position;
  /** Results of a page, 1 to 1,000. */
  limit: number;
  /** Null for all batches. */
  batch: BatchRef | null;
}

/** A row that has changed, as it is now. */
export interface Result {
  /** A reader that continues from here gets everything after this result. */
  position: Position;
  batch: Batch;
  entry: ReportEntry;
  /** The row is listed because its session has expired; the rest of it is unchanged. */
  isExpired: boolean;
}

export interface ResultPage {
  results: Result[];
  /** Where the next page begins. */
  next: Position;
  /** Nothing more has changed. A page without results may have more after it. */
  isAtEnd: boolean;
}

/** A position that this Redis has never given out. */
export class BeyondFeed extends Error {
  override readonly name = 'BeyondFeed';

  constructor(from: Position, latest: number) {
    super(
      `Position ${formatPosition(from)} is beyond the end of the results (${latest} changes so far): it comes from another Redis, or this one has lost data. Begin again without a position.`,
    );
  }
}

/** Events read for one page. */
const EVENTS_AT_ONCE = 1_000;
/** Chunks read for one page, if one event is about a whole batch. */
const CHUNKS_AT_ONCE = 20;

/**
 * Returns the rows that have changed since a position, in the order of their changes. A row that changed several times
 * is returned once or several times, always with its current result. Only reads. Missing or damaged records are left
 * out.
 */
export async function readResults(
  context: ResultsContext,
  { from, limit, batch: wanted }: ResultsQuery,
): Promise<ResultPage> {
  const { events, next, latest } = await context.feed.readEvents(from.event, EVENTS_AT_ONCE);
  if (from.event > latest + 1) throw new BeyondFeed(from, latest);
  const batches = new Batches(context.store);
  const results: Result[] = [];
  for (const portion of toPortions(events, wanted)) {
    const room = limit - results.length;
    const part = await readPortion(context, batches, portion, { from, room });
    results.push(...part.results.slice(0, room));
    const last = results.at(-1);
    if (last && results.length === limit) return { results, next: last.position, isAtEnd: false };
    if (part.next !== null) return { results, next: part.next, isAtEnd: false };
  }
  return { results, next: { event: next, row: 0 }, isAtEnd: next > latest };
}

/** `next` is null when nothing is left of the portion. */
interface Part {
  results: Result[];
  next: Position | null;
}

async function readPortion(
  context: ResultsContext,
  batches: Batches,
  portion: Portion,
  { from, room }: { from: Position; room: number },
): Promise<Part> {
  const batch = await batches.read(portion.batch);
  if (batch === null) return { results: [], next: null };
  if (portion.kind === 'rows') {
    const rows = firstBehind(portion.rows, from, room);
    return { results: await readRows(context, batch, rows), next: null };
  }
  const after = portion.event === from.event ? from.row : 0;
  const { results, next } = await readScope(context, batch, portion, after);
  return { results: results.filter(({ position }) => isBehind(position, from)), next };
}

const isBehind = (position: Position, from: Position): boolean =>
  position.event > from.event || position.row > from.row;

/** The first rows after a position, at most `room`: more rows would cost time without fitting on the page. */
function firstBehind(
  rows: ReadonlyMap<number, number>,
  from: Position,
  room: number,
): Map<number, number> {
  const found = new Map<number, number>();
  for (const [row, event] of rows) {
    if (found.size === room) break;
    if (isBehind({ event, row }, from)) found.set(row, event);
  }
  return found;
}

type ScopeOfMany = Exclude<FeedScope, { kind: 'row' }>;

type Portion = { batch: BatchRef; event: number } & (
  | { kind: 'rows'; rows: Map<number, number> }
  | { kind: 'scope'; scope: ScopeOfMany }
);

/** Single rows of one batch in a row are read together. `rows` has the last event of each row. */
function toPortions(events: readonly FeedEvent[], wanted: BatchRef | null): Portion[] {
  const portions: Portion[] = [];
  for (const { number: event, batch, scope } of events) {
    if (batch === null || (wanted !== null && !isSame(batch, wanted))) continue;
    const last = portions.at(-1);
    if (scope.kind !== 'row') {
      portions.push({ kind: 'scope', batch, event, scope });
    } else if (last?.kind === 'rows' && isSame(last.batch, batch)) {
      last.rows.delete(scope.row); // a Map keeps the place of its first entry
      last.rows.set(scope.row, event);
    } else {
      portions.push({ kind: 'rows', batch, event, rows: new Map([[scope.row, event]]) });
    }
  }
  return portions;
}

const isSame = (one: BatchRef, other: BatchRef): boolean =>
  one.id === other.id && one.incarnation === other.incarnation;

/** Each batch of a page is read once. Null for one that was removed or cannot be read. */
class Batches {
  readonly #store: BatchStore;
  readonly #read = new Map<string, Batch | null>();

  constructor(store: BatchStore) {
    this.#store = store;
  }

  async read(ref: BatchRef): Promise<Batch | null> {
    const known = this.#read.get(ref.id);
    const batch =
      known === undefined ? await this.#store.readBatch(ref.id).catch(nullIfUnreadable) : known;
    this.#read.set(ref.id, batch);
    return batch !== null && isSame(batch, ref) ? batch : null;
  }
}

/** Some rows of a batch as they are now, at most a few hundred; `rows` has the event that each is read for. */
export async function readRows(
  context: RowReading,
  batch: Batch,
  rows: ReadonlyMap<number, number>,
): Promise<Result[]> {
  const numbers = [...rows.keys()];
  const chunks = [...new Set(numbers.map(chunkOfRow))];
  const pick = { rows: new Set(numbers), text: null };
  const [outcomes, ...picked] = await Promise.all([
    context.store.readOutcomesOf(batch.id, numbers),
    ...chunks.map((chunk) => context.rowIndex.pickRows(batch.id, chunk, pick)),
  ]);
  const found = new Map<number, ManifestRow>();
  for (const some of picked) for (const row of some ?? []) found.set(row.row, row);
  const known = numbers.map((number) => found.get(number) ?? withoutCells(number));
  const entries = await joinOutcomes(context.store, batch, known, outcomes);
  return entries.map((entry) => ({
    position: { event: rows.get(entry.row.row) ?? 0, row: entry.row.row },
    batch,
    entry,
    isExpired: false,
  }));
}

// The outcome is known even if the row's chunk is missing.
const withoutCells = (row: number): ManifestRow => ({ row, line: 0, cells: [] });

/** The rows of an event about many rows. */
async function readScope(
  context: ResultsContext,
  batch: Batch,
  { event, scope }: Extract<Portion, { kind: 'scope' }>,
  after: number,
): Promise<Part> {
  const isExpired = scope.kind === 'expired';
  const results: Result[] = [];
  const chunks = await listChunks(context, batch, scope, chunkOfRow(after + 1));
  for (const [index, chunk] of chunks.entries()) {
    const isEnough = results.length > 0 || index >= CHUNKS_AT_ONCE;
    if (isEnough) return { results, next: { event, row: firstRowOfChunk(chunk) - 1 } };
    for (const entry of await readChunk(context, batch, chunk, scope)) {
      results.push({ position: { event, row: entry.row.row }, batch, entry, isExpired });
    }
  }
  return { results, next: null };
}

/** The chunks of a scope from a given one on: as many as a page reads, and the next one. */
async function listChunks(
  { feed }: ResultsContext,
  { id, rows }: Batch,
  scope: ScopeOfMany,
  from: number,
): Promise<number[]> {
  const limit = CHUNKS_AT_ONCE + 1;
  if (scope.kind === 'chunk') return [scope.chunk].filter((chunk) => chunk >= from);
  if (scope.kind === 'expired') return await feed.listExpired(id, scope.bucket, { from, limit });
  const left = Math.max(0, countChunks(rows) - from);
  return Array.from({ length: Math.min(left, limit) }, (_, index) => from + index);
}

async function readChunk(
  { store }: ResultsContext,
  batch: Batch,
  chunk: number,
  scope: ScopeOfMany,
): Promise<ReportEntry[]> {
  const [rows, outcomes] = await Promise.all([
    store.readChunk(batch.id, chunk),
    store.readOutcomes(batch.id, chunk),
  ]);
  const known = rows ?? [...outcomes.keys()].toSorted((a, b) => a - b).map(withoutCells);
  const entries = await joinOutcomes(store, batch, known, outcomes);
  return entries.filter((entry) => isMeant(scope, entry, outcomes));
}

function isMeant(
  scope: ScopeOfMany,
  { row, result }: ReportEntry,
  outcomes: ReadonlyMap<number, Outcome>,
): boolean {
  if (scope.kind === 'untouched') return !outcomes.has(row.row);
  if (typeof result === 'string') return false;
  return scope.kind !== 'expired' || expiresIn(scope.bucket, result);
}

const expiresIn = (bucket: number, { session }: Outcome): boolean =>
  session !== undefined && sessionBucket(session.expiresAtMs) === bucket;
