import type { Batch } from '../core/batch/batch.ts';
import { impliedOutcome } from '../core/batch/implied-outcome.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../core/row/row.ts';
import { mayHaveCode, type RowMark, statusOfMark } from '../core/row/row-mark.ts';
import { type RowStatus, statusOf } from '../report/read-entries.ts';
import type { ReportEntry } from '../report/report-formatter.ts';
import { showCells } from './show-cells.ts';

/** The rows to find: those that match every condition. */
export interface RowFilter {
  statuses: ReadonlySet<RowStatus> | null;
  /** The error code that a row ended with. */
  code: string | null;
  /** Part of one of the row's cells as they are shown; upper and lower case are equal. */
  text: string | null;
}

/** Whether rows without an outcome may match: all, only those in a stage, or none. */
export type Unended = 'all' | 'under_way' | 'none';

/** In a cancelled batch, rows without an outcome may count as cancelled. */
export function unendedOf(batch: Batch, { statuses, code }: RowFilter): Unended {
  const implied = impliedOutcome(batch);
  const isCancelledWanted =
    implied !== null &&
    (statuses?.has(implied.status) ?? true) &&
    (code === null || code === implied.error?.code);
  if (isCancelledWanted) return 'all';
  if (code !== null) return 'none';
  if (statuses === null || statuses.has('waiting')) return 'all';
  return PENDING_STATES.some((state) => statuses.has(state)) ? 'under_way' : 'none';
}

/** Whether rows that have ended may match at all. */
export const areEndsWanted = ({ statuses }: RowFilter): boolean =>
  statuses === null || OUTCOME_STATUSES.some((status) => statuses.has(status));

/** Whether a row that has ended may match, from its mark. */
export function isEndWanted(mark: RowMark, { statuses, code }: RowFilter): boolean {
  const status = statusOfMark(mark);
  if (status === null) return false;
  return (statuses?.has(status) ?? true) && (code === null || mayHaveCode(mark, code));
}

/** The final check of a row, once it was read. */
export function meetsFilter({ row, result }: ReportEntry, filter: RowFilter): boolean {
  const { statuses, code, text } = filter;
  if (statuses !== null && !statuses.has(statusOf(result))) return false;
  if (code !== null && (typeof result === 'string' || result.error?.code !== code)) return false;
  if (text === null) return true;
  const sought = text.toLowerCase();
  return showCells(row).some((cell) => cell.toLowerCase().includes(sought));
}
