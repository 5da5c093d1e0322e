import type { Batch } from '../../lib/core/batch/batch.ts';
import { formatNumber, formatRows } from '../../lib/core/in-words.ts';
import type { RowStatus } from '../../lib/report/read-entries.ts';
import type { ReportLine } from '../../lib/report/report-formatter.ts';
import type { Stores } from '../../library/wiring/stores.ts';
import { listMending } from '../../producer/continuing/list-mending.ts';
import { readMendedReport } from '../../producer/continuing/mended-report.ts';
import { MendedRows } from '../../producer/continuing/mended-rows.ts';

interface MendedReport {
  lines: { of: AsyncIterable<readonly ReportLine[]>; count: number };
  /** The batches in it, and what each contributes. */
  sentence: string;
}

/** The report over a batch and all that mend it. */
export async function mendReport(
  stores: Stores,
  batch: Batch,
  statuses: ReadonlySet<RowStatus> | null,
): Promise<MendedReport> {
  const mending = await listMending(stores, batch);
  const mended = await MendedRows.find({ ...stores, now: Date.now }, batch, mending);
  const lines = {
    of: readMendedReport(stores, batch, mended, statuses),
    count: batch.rows + mended.unmatchedCount,
  };
  return { lines, sentence: describe(batch, mending, mended) };
}

function describe(batch: Batch, mending: readonly Batch[], mended: MendedRows): string {
  if (mending.length === 0) return `No batch mends ${batch.id}.`;
  const ids = mending.map(({ id }) => id).join(', ');
  const verb = mended.count === 1 ? 'has' : 'have';
  const sentence = `${formatRows(mended.count)} of ${batch.id} ${verb} a session of ${ids}.`;
  if (mended.unmatchedCount === 0) return sentence;
  const sessions = formatNumber(mended.unmatchedCount, 'session');
  const are = mended.unmatchedCount === 1 ? 'is' : 'are';
  return `${sentence} ${sessions} could not be matched to a row by key, cells or video, and ${are} at the end.`;
}
