import type { Batch } from '../../lib/core/batch/batch.ts';
import type { Outcome } from '../../lib/core/row/outcome.ts';
import { outcomeToShow } from '../../lib/report/kling-values.ts';
import { type RowStatus, readReport, statusOf } from '../../lib/report/read-entries.ts';
import type { ReportEntry, ReportLine } from '../../lib/report/report-formatter.ts';
import { type RowReading, readRows } from '../../lib/results/read-results.ts';
import { mendCells } from './mended-cells.ts';
import type { MendedRows } from './mended-rows.ts';

const ROWS_AT_ONCE = 500;

/**
 * One report over a batch and the batches that mend it, in the order of the batch. A row for which a corrected one
 * with a session stands has the session and the values of that one, and a warning that names it. Sessions of corrected
 * rows that stand for none follow at the end, so that none is lost. `statuses`: only these; null for all.
 */
export async function* readMendedReport(
  context: RowReading,
  batch: Batch,
  mended: MendedRows,
  statuses: ReadonlySet<RowStatus> | null,
): AsyncGenerator<ReportLine[]> {
  const isWanted = (line: ReportLine): boolean =>
    statuses === null || (!('missing' in line) && statuses.has(statusOf(line.result)));
  for await (const lines of readReport(context.store, batch, null)) {
    yield (await mendLines(context, batch, mended, lines)).filter(isWanted);
  }
  for await (const lines of readUnmatched(context, batch, mended)) yield lines.filter(isWanted);
}

async function mendLines(
  context: RowReading,
  batch: Batch,
  mended: MendedRows,
  lines: readonly ReportLine[],
): Promise<ReportLine[]> {
  const shown = [...lines];
  for (const [mending, places] of findPlaces(mended, lines)) {
    for (const corrected of await readEntries(context, mending, [...places.keys()])) {
      const place = places.get(corrected.row.row) ?? 0;
      const line = shown[place];
      const session = sessionOf(corrected);
      // It may have been retried since it was found.
      if (line === undefined || 'missing' in line || session === null) continue;
      const row = mendCells({ shape: batch.shape, row: line.row }, { ...mending, ...corrected });
      const warning = `session of row ${corrected.row.row} of batch ${mending.id}, which mends this one`;
      const result = { ...session, warnings: [...session.warnings, warning] };
      shown[place] = { row, result, original: null, batchId: batch.id };
    }
  }
  return shown;
}

/** Rows of mending batches, with the places of the lines for which they stand. */
function findPlaces(
  mended: MendedRows,
  lines: readonly ReportLine[],
): Map<Batch, Map<number, number>> {
  const found = new Map<Batch, Map<number, number>>();
  for (const [place, { row }] of lines.entries()) {
    const corrected = mended.get(row.row);
    if (corrected === null) continue;
    const places = found.get(corrected.mending) ?? new Map<number, number>();
    found.set(corrected.mending, places.set(corrected.row, place));
  }
  return found;
}

async function readEntries(
  context: RowReading,
  batch: Batch,
  rows: readonly number[],
): Promise<ReportEntry[]> {
  const results = await readRows(context, batch, new Map(rows.map((row) => [row, 0])));
  return results.map(({ entry }) => entry);
}

/** Without the row that it repeats, which is one of its own batch. */
function sessionOf({ result, original }: ReportEntry): Outcome | null {
  if (typeof result === 'string') return null;
  const { duplicateOf: _, ...outcome } = outcomeToShow(result, original);
  return outcome.session ? outcome : null;
}

/** Their lines name their own batch and row. */
async function* readUnmatched(
  context: RowReading,
  { shape }: Batch,
  { unmatched }: MendedRows,
): AsyncGenerator<ReportLine[]> {
  for (const [mending, set] of unmatched) {
    const rows = [...set];
    for (let at = 0; at < rows.length; at += ROWS_AT_ONCE) {
      const entries = await readEntries(context, mending, rows.slice(at, at + ROWS_AT_ONCE));
      yield entries.map((entry) => {
        const { row, line } = entry.row;
        const cells = mendCells({ shape, row: { row, line, cells: [] } }, { ...mending, ...entry });
        return { ...entry, row: cells };
      });
    }
  }
}
