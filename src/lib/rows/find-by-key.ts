import type { Batch } from '../core/batch/batch.ts';
import { chunkOfRow } from '../core/batch/chunk.ts';
import { comparePlaces, type ListPlace } from '../core/list-place.ts';
import { trimInvisible } from '../core/manifest/invisible.ts';
import { outcomeToShow } from '../report/kling-values.ts';
import { joinOutcomes } from '../report/read-entries.ts';
import type { ReportEntry } from '../report/report-formatter.ts';
import type { BatchStore } from '../store/batch-store.ts';
import type { KeyIndex } from '../store/key-index.ts';
import type { RowIndex } from '../store/row-index.ts';
import { nullIfUnreadable } from '../store/unreadable-record.ts';
import { createKeyReader, keyText } from './row-key.ts';

/** A row with the key that was looked for. */
export interface KeyMatch {
  batch: Batch;
  key: string;
  /** As in the report: a duplicate has the session of the row it repeats. */
  entry: ReportEntry;
  /** Null when it has none. */
  session: { id: string; expiresAtMs: number } | null;
  /** Its session has not expired. */
  isAlive: boolean;
}

export interface KeyMatches {
  matches: KeyMatch[];
  /** Where the next page begins; null after the last match. */
  next: MatchPlace | null;
  /** More rows have this key than are looked at: those of older batches are not among the matches. */
  isCutOff: boolean;
}

/** The place of a match among the others, as they were ordered at `judgedAtMs`. */
export interface MatchPlace {
  judgedAtMs: number;
  /** The end of its session; 0 when it had no live session. */
  aliveUntilMs: number;
  batch: ListPlace;
  row: number;
}

export interface FindByKeyOptions {
  limit: number;
  nowMs: number;
  /** The `next` of the page before; default the first page. */
  after?: MatchPlace | undefined;
}

export interface FindByKeyContext {
  store: BatchStore;
  rowIndex: RowIndex;
  keyIndex: KeyIndex;
}

/** The most rows that are read, newest batches first. A key that more rows share does not identify any of them. */
const MOST_ROWS = 1_000;

/**
 * The rows with this key in all batches that were imported with `--key`: those with a live session first, the longest
 * life first, then those of the newest batch. `key` is compared exactly, without white space around it; the values of
 * several key columns are joined by commas. Only reads; damaged batches and missing rows are left out.
 */
export async function findByKey(
  context: FindByKeyContext,
  key: string,
  { limit, nowMs, after }: FindByKeyOptions,
): Promise<KeyMatches> {
  const text = trimInvisible(key);
  const found: KeyMatch[] = [];
  let left = MOST_ROWS;
  for await (const page of context.keyIndex.findCandidates(text)) {
    for (const { batchId, rows } of page) {
      found.push(...(await readMatches(context, batchId, rows.slice(0, left), { text, nowMs })));
      left -= Math.min(left, rows.length);
    }
    if (left === 0) break;
  }
  // A session that expires between two pages must not move its row past the second page.
  const judgedAtMs = after?.judgedAtMs ?? nowMs;
  const matches = found
    .map((match) => ({ match, place: placeOf(match, judgedAtMs) }))
    .filter(({ place }) => after === undefined || compareMatches(after, place) < 0)
    .toSorted((one, other) => compareMatches(one.place, other.place));
  return {
    matches: matches.slice(0, limit).map(({ match }) => match),
    next: matches.length > limit ? (matches[limit - 1]?.place ?? null) : null,
    isCutOff: left === 0,
  };
}

function placeOf({ batch, entry, session }: KeyMatch, judgedAtMs: number): MatchPlace {
  const expiresAtMs = session?.expiresAtMs ?? 0;
  return {
    judgedAtMs,
    aliveUntilMs: expiresAtMs > judgedAtMs ? expiresAtMs : 0,
    batch: { atMs: batch.createdAtMs, id: batch.id },
    row: entry.row.row,
  };
}

const compareMatches = (one: MatchPlace, other: MatchPlace): number =>
  other.aliveUntilMs - one.aliveUntilMs ||
  comparePlaces(other.batch, one.batch) ||
  one.row - other.row;

async function readMatches(
  { store, rowIndex }: FindByKeyContext,
  batchId: string,
  rows: readonly number[],
  { text, nowMs }: { text: string; nowMs: number },
): Promise<KeyMatch[]> {
  const batch = rows.length === 0 ? null : await store.readBatch(batchId).catch(nullIfUnreadable);
  if (batch === null || batch.key === null) return [];
  const readKey = createKeyReader(batch.shape, batch.key);
  const pick = { rows: new Set(rows), text: null };
  const picked = await Promise.all(
    [...new Set(rows.map(chunkOfRow))].map((chunk) => rowIndex.pickRows(batchId, chunk, pick)),
  );
  const own = picked
    .flatMap((some) => some ?? [])
    .filter((row) => keyText(readKey(row) ?? []) === text);
  const numbers = own.map(({ row }) => row);
  const outcomes = await store.readOutcomesOf(batchId, numbers);
  const entries = await joinOutcomes(store, batch, own, outcomes);
  return entries.map((entry) => describeMatch(batch, text, entry, nowMs));
}

function describeMatch(batch: Batch, key: string, entry: ReportEntry, nowMs: number): KeyMatch {
  const { result, original } = entry;
  const session =
    typeof result === 'string' ? null : (outcomeToShow(result, original).session ?? null);
  return { batch, key, entry, session, isAlive: session !== null && session.expiresAtMs > nowMs };
}
