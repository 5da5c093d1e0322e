import type { Batch } from '../../lib/core/batch/batch.ts';
import { formatNumber, formatRows } from '../../lib/core/in-words.ts';
import type { RowStatus } from '../../lib/report/read-entries.ts';
import type { ReportLine } from '../../lib/report/report-formatter.ts';
import type { Stores } from '../../library/wiring/stores.ts';
import { WITH_SESSION } from '../../producer/mending/find-open-rows.ts';
import { listMending } from '../../producer/mending/list-mending.ts';
import { readMendedReport } from '../../producer/mending/mended-report.ts';
import { MendedRows } from '../../producer/mending/mended-rows.ts';

interface MendedReport {
  lines: { of: AsyncIterable<readonly ReportLine[]>; count: number };
  /** The batches in it, and what each contributes. */
  sentence: string;
}

/** The report over a batch and all that mend it. */
export async function mendReport(
  stores: Pick<Stores, 'store' | 'overview' | 'rowIndex'>,
  batch: Batch,
  statuses: ReadonlySet<RowStatus> | null,
): Promise<MendedReport> {
  const mending = await listMending(stores, batch);
  const mended = await MendedRows.find({ ...stores, now: Date.now }, batch, mending);
  const lines = {
    of: readMendedReport(stores, batch, mended, statuses),
    count: batch.rows + mended.unmatchedCount,
  };
  return { lines, sentence: describe(batch, mending, mended, statuses) };
}

function describe(
  batch: Batch,
  mending: readonly Batch[],
  mended: MendedRows,
  statuses: ReadonlySet<RowStatus> | null,
): string {
  if (mending.length === 0) return `No batch mends ${batch.id}.`;
  const ids = mending.map(({ id }) => id).join(', ');
  const rows = mended.count === 0 ? 'No row' : formatRows(mended.count);
  const verb = mended.count > 1 ? 'have' : 'has';
  const sentence = `${rows} of ${batch.id} ${verb} a session of ${ids}.`;
  if (mended.unmatchedCount === 0) return sentence;
  const sessions = formatNumber(mended.unmatchedCount, 'session');
  const place = placeOfUnmatched(mended.unmatchedCount, statuses);
  return `${sentence} ${sessions} could not be matched to a row by key, cells or video${place}.`;
}

/** Where the report has the rows of these sessions. */
function placeOfUnmatched(count: number, statuses: ReadonlySet<RowStatus> | null): string {
  const are = count === 1 ? 'is' : 'are';
  const shown = [...WITH_SESSION].filter((status) => statuses?.has(status) ?? true);
  if (shown.length === WITH_SESSION.size) return `, and ${are} at the end`;
  if (shown.length === 0) return `, and ${are} left out by --status`;
  return `; the ${shown.join(' and ')} rows among them are at the end`;
}
