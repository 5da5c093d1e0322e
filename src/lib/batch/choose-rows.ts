import type { Batch } from '../core/batch/batch.ts';
import { countChunks, firstRowOfChunk, lastRowOfChunk } from '../core/batch/chunk.ts';
import { hasSession, type Outcome } from '../core/row/outcome.ts';
import type { OutcomeStatus } from '../core/row/row.ts';
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

/** What `retry` means without a filter. */
export const FAILED: ReadonlySet<OutcomeStatus> = new Set(['failed', 'unconfirmed']);
const WITHOUT_SESSION: ReadonlySet<OutcomeStatus> = new Set([
  'rejected',
  'failed',
  'unconfirmed',
  'cancelled',
]);

/** Which rows of a batch an act is about. */
export interface RowChoice {
  isMeant(outcome: Outcome): boolean;
  /** Includes rows that ended with their batch before their turn, which have no outcome of their own. */
  meansUntouched: boolean;
  /** Only these; null for all. */
  rows: RowRanges | null;
}

export function rowsToRetry({ statuses, codes, rows = null }: RetryFilter): RowChoice {
  const wanted = statuses ?? (codes === null && rows === null ? FAILED : WITHOUT_SESSION);
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
  /** They have no outcome of their own. */
  untouched: number[];
}

/** The chosen rows, chunk by chunk, as far as there are any. */
export async function* listChosen(
  store: Pick<BatchStore, 'readOutcomes' | 'findUntouched'>,
  batch: Batch,
  { isMeant, meansUntouched, rows }: RowChoice,
): AsyncGenerator<ChosenRows> {
  const seeksUntouched = meansUntouched && batch.cancelledAtMs !== null;
  for (let chunk = 0; chunk < countChunks(batch.rows); chunk += 1) {
    const [first, last] = [firstRowOfChunk(chunk), lastRowOfChunk(chunk, batch.rows)];
    if (rows !== null && !hasRows(rows, first, last)) continue;
    const isNamed = (row: number): boolean => rows === null || hasRows(rows, row);
    const outcomes = await store.readOutcomes(batch.id, chunk);
    const ended = new Map(
      [...outcomes].filter(([row, outcome]) => isNamed(row) && isMeant(outcome)),
    );
    const open = seeksUntouched
      ? Array.from({ length: last - first + 1 }, (_, index) => first + index).filter(
          (row) => isNamed(row) && !outcomes.has(row),
        )
      : [];
    const untouched = open.length === 0 ? [] : await store.findUntouched(batch.id, open);
    if (ended.size + untouched.length > 0) yield { chunk, ended, untouched };
  }
}
