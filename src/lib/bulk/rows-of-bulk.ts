import { type RowChoice, rowsToRefresh, rowsToRetry } from '../batch/choose-rows.ts';
import type { Batch } from '../core/batch/batch.ts';
import { collectRanges, type RowRange, type RowRanges } from '../core/row/row-ranges.ts';
import { type FindContext, findRows } from '../rows/find-rows.ts';
import type { ChosenRows, RowVerb } from './bulk-action.ts';

/** Rows of one step. */
const STEP_ROWS = 2_000;
/** A step that finds few rows ends after this time, so that it can be recorded. */
const STEP_MS = 1_000;

export interface Portion {
  rows: RowRanges;
  count: number;
  /** Where the next portion begins; null after the last one. */
  next: number | null;
}

/** The next rows that were chosen, from row `fromRow` on. */
export async function findPortion(
  context: FindContext,
  batch: Batch,
  chosen: ChosenRows,
  fromRow: number,
): Promise<Portion> {
  if (chosen.rows !== null) return portionOf(chosen.rows, fromRow);
  const { statuses, code, text } = chosen;
  const filter = { statuses: statuses && new Set(statuses), code, text };
  const limits = { fromRow, limit: STEP_ROWS, budgetMs: STEP_MS };
  const { entries, nextRow } = await findRows(context, batch, { ...filter, ...limits });
  return {
    rows: collectRanges(entries.map(({ row }) => row.row)),
    count: entries.length,
    next: nextRow,
  };
}

function portionOf(all: RowRanges, fromRow: number): Portion {
  const rows: RowRange[] = [];
  let count = 0;
  for (const { from, to } of all) {
    const first = Math.max(from, fromRow);
    if (first > to) continue;
    const last = Math.min(to, first + STEP_ROWS - count - 1);
    rows.push({ from: first, to: last });
    count += last - first + 1;
    if (count === STEP_ROWS) break;
  }
  const next = (rows.at(-1)?.to ?? 0) + 1;
  return { rows, count, next: next > (all.at(-1)?.to ?? 0) ? null : next };
}

/** Which of these rows an act concerns: those without a session for a retry, those with one for a refresh. */
export const choiceOf = (verb: RowVerb, rows: RowRanges): RowChoice =>
  verb === 'retry'
    ? rowsToRetry({ statuses: null, codes: null, rows })
    : { ...rowsToRefresh(Number.POSITIVE_INFINITY), rows };
