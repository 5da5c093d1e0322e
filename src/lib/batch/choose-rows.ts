import type { Batch } from '../core/batch/batch.ts';
import { countChunks, firstRowOfChunk, lastRowOfChunk } from '../core/batch/chunk.ts';
import { impliedOutcome } from '../core/batch/implied-outcome.ts';
import { hasSession, type Outcome } from '../core/row/outcome.ts';
import { isBeingRenewed } from '../core/row/renewal.ts';
import { type OutcomeStatus, RETRIED_BY_DEFAULT, WITHOUT_SESSION } from '../core/row/row.ts';
import { hasRows, type RowRanges } from '../core/row/row-ranges.ts';
import type { BatchStore } from '../store/batch-store.ts';

/** Which ended rows to queue again. */
export interface RetryFilter {
  /**
   * Null for failed and unconfirmed rows; with codes or rows, for every row without a session except malformed ones.
   */
  statuses: ReadonlySet<OutcomeStatus> | null;
  /** Only rows that ended with one of these error codes; null for all. */
  codes: ReadonlySet<string> | null;
  /** Only these rows. Default all. */
  rows?: RowRanges | null;
}

/** A malformed row stays malformed, however often it is tried. */
const WITHOUT_SESSION_NOW = WITHOUT_SESSION.filter((status) => status !== 'invalid');

/** Which rows of a batch an act is about. */
export interface RowChoice {
  isMeant(outcome: Outcome): boolean;
  /** Includes rows without their own outcome, which ended with their batch before their turn. */
  meansUntouched: boolean;
  /** Only these; null for all. */
  rows: RowRanges | null;
}

export function rowsToRetry({ statuses, codes, rows = null }: RetryFilter): RowChoice {
  const isUnfiltered = codes === null && rows === null;
  const wanted: ReadonlySet<OutcomeStatus> =
    statuses ?? new Set(isUnfiltered ? RETRIED_BY_DEFAULT : WITHOUT_SESSION_NOW);
  return {
    isMeant: ({ status, error }) =>
      wanted.has(status) && (codes === null || codes.has(error?.code ?? '')),
    meansUntouched: wanted.has('cancelled') && (codes === null || codes.has('cancelled')),
    rows,
  };
}

/** Rows whose session ends by `untilMs`. */
export const rowsToRefresh = (untilMs: number): RowChoice => ({
  isMeant: (outcome) =>
    hasSession(outcome) && outcome.session !== undefined && outcome.session.expiresAtMs <= untilMs,
  meansUntouched: false,
  rows: null,
});

/** Rows with a session that lives, by the clock `nowMs`. */
export const rowsWithSession = (nowMs: number): RowChoice => ({
  isMeant: (outcome) => hasSession(outcome) && (outcome.session?.expiresAtMs ?? 0) > nowMs,
  meansUntouched: false,
  rows: null,
});

/** The chosen rows of one chunk. */
export interface ChosenRows {
  chunk: number;
  ended: ReadonlyMap<number, Outcome>;
  /** These rows have no outcome of their own. */
  untouched: number[];
  /** Rows that were named but not chosen, and how each ended; null while it has not. Empty if no rows were named. */
  left: ReadonlyMap<number, Outcome | null>;
}

type ReadingStore = Pick<BatchStore, 'readOutcomes' | 'findUntouched'>;

/**
 * The chosen rows, chunk by chunk, and the named rows that are not among them. Chunks without either are left out.
 */
export async function* listChosen(
  store: ReadingStore,
  batch: Batch,
  choice: RowChoice,
): AsyncGenerator<ChosenRows> {
  const { rows } = choice;
  for (let chunk = 0; chunk < countChunks(batch.rows); chunk += 1) {
    const [first, last] = [firstRowOfChunk(chunk), lastRowOfChunk(chunk, batch.rows)];
    if (rows !== null && !hasRows(rows, first, last)) continue;
    const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    const named = rows === null ? numbers : numbers.filter((row) => hasRows(rows, row));
    const chosen = await chooseInChunk(store, batch, { chunk, named }, choice);
    if (chosen.ended.size + chosen.untouched.length + chosen.left.size > 0) yield chosen;
  }
}

async function chooseInChunk(
  store: ReadingStore,
  batch: Batch,
  { chunk, named }: { chunk: number; named: readonly number[] },
  { isMeant, meansUntouched, rows }: RowChoice,
): Promise<ChosenRows> {
  const outcomes = await store.readOutcomes(batch.id, chunk);
  const ended = new Map<number, Outcome>();
  for (const row of named) {
    const outcome = outcomes.get(row);
    // A renewal under way opens a new session anyway.
    if (outcome && isMeant(outcome) && !isBeingRenewed(outcome)) ended.set(row, outcome);
  }
  const seeksUntouched = (meansUntouched || rows !== null) && batch.cancelledAtMs !== null;
  const open = seeksUntouched ? named.filter((row) => !outcomes.has(row)) : [];
  const cancelled = open.length === 0 ? [] : await store.findUntouched(batch.id, open);
  const untouched = meansUntouched ? cancelled : [];
  if (rows === null) return { chunk, ended, untouched, left: new Map() };
  const implied = new Set(cancelled);
  const endOf = (row: number): Outcome | null =>
    outcomes.get(row) ?? (implied.has(row) ? impliedOutcome(batch) : null);
  const chosen = new Set([...ended.keys(), ...untouched]);
  const others = named.filter((row) => !chosen.has(row));
  return { chunk, ended, untouched, left: new Map(others.map((row) => [row, endOf(row)])) };
}
