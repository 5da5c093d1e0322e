import { type Batch, countEnded, countPending } from '../../lib/core/batch/batch.ts';
import { formatPosition } from '../../lib/core/feed/position.ts';
import { formatPlace, parsePlace } from '../../lib/core/list-place.ts';
import { redactUrls } from '../../lib/core/redact-url.ts';
import { outcomeToShow } from '../../lib/report/kling-values.ts';
import { type RowStatus, statusOf } from '../../lib/report/read-entries.ts';
import type { ReportEntry } from '../../lib/report/report-formatter.ts';
import type { Result } from '../../lib/results/read-results.ts';
import type { KeyMatches, MatchPlace } from '../../lib/rows/find-by-key.ts';
import { findRows } from '../../lib/rows/find-rows.ts';
import { readRowHistory } from '../../lib/rows/row-history.ts';
import { showCells } from '../../lib/rows/show-cells.ts';
import type { FoundRowsView, ResultPageView, RowPageView, RowView } from '../api/api-schemas.ts';
import type { DashboardPorts } from '../ports.ts';

/** A page must appear within 100 ms: after that it shows what was found so far, and where to continue. */
const SEARCH_MS = 60;

export interface WantedRows {
  /** Null for all. */
  statuses: ReadonlySet<RowStatus> | null;
  code: string | null;
  text: string | null;
  /** First row to search. */
  fromRow: number;
  limit: number;
}

/** `nextRow`: where the next page begins; null after the last one. */
export type RowsPage = Omit<RowPageView, 'next'> & { nextRow: number | null };

export async function readRows(
  ports: DashboardPorts,
  batch: Batch,
  wanted: WantedRows,
): Promise<RowsPage> {
  const [page, total] = await Promise.all([
    findRows(ports, batch, { ...wanted, budgetMs: SEARCH_MS }),
    countRows(ports, batch, wanted),
  ]);
  const { entries, nextRow, isCutShort } = page;
  return { columns: batch.shape.columns, rows: entries.map(showEntry), nextRow, isCutShort, total };
}

/** From the counters; null when they are not enough. */
async function countRows(
  { store }: DashboardPorts,
  { id, counts }: Batch,
  { statuses, code, text }: WantedRows,
): Promise<number | null> {
  if (text !== null || (code !== null && statuses !== null)) return null;
  if (code !== null) {
    const errors = await store.readErrors(id, Number.POSITIVE_INFINITY);
    return errors.find((error) => error.code === code)?.count ?? null;
  }
  if (statuses === null) return countPending(counts) + countEnded(counts);
  return [...statuses].reduce((sum, status) => sum + counts[status], 0);
}

/** A row of the feed, with its position and its batch. */
export const showResult = ({
  position,
  batch,
  entry,
  isExpired,
}: Result): ResultPageView['results'][number] => ({
  position: formatPosition(position),
  batchId: batch.id,
  columns: batch.shape.columns,
  isExpired,
  ...showEntry(entry),
});

/** Rows that were found by their key. */
export const showMatches = ({ matches, next, isCutOff }: KeyMatches): FoundRowsView => ({
  rows: matches.map(({ batch, key, entry, isAlive }) => ({
    batchId: batch.id,
    columns: batch.shape.columns,
    key,
    isAlive,
    ...showEntry(entry),
  })),
  next: next && formatMatchPlace(next),
  isCutOff,
});

const formatMatchPlace = ({ judgedAtMs, aliveUntilMs, row, batch }: MatchPlace): string =>
  [judgedAtMs, aliveUntilMs, row, formatPlace(batch)].join('-');

/** Null for a text that is no `next` of such a list. */
export function parseMatchPlace(text: string): MatchPlace | null {
  const [, judged, alive, row, place = ''] =
    /^(\d{1,15})-(\d{1,15})-(\d{1,10})-(.+)$/.exec(text) ?? [];
  const batch = parsePlace(place);
  return (
    batch && { judgedAtMs: Number(judged), aliveUntilMs: Number(alive), row: Number(row), batch }
  );
}

function showEntry({ row, result, original }: ReportEntry): RowPageView['rows'][number] {
  const outcome = typeof result === 'string' ? null : outcomeToShow(result, original);
  return {
    row: row.row,
    line: row.line,
    status: statusOf(result),
    cells: showCells(row),
    session: outcome?.session ?? null,
    error: outcome?.error ?? null,
    attempts: outcome?.attempts ?? 0,
    finishedAtMs: outcome?.finishedAtMs ?? null,
  };
}

/**
 * Everything about one row; null when the batch has no row with this number. Addresses are without their signatures.
 */
export async function readRow(
  ports: DashboardPorts,
  batch: Batch,
  number: string,
): Promise<RowView | null> {
  if (!/^[1-9]\d{0,9}$/.test(number)) return null;
  const known = await readRowHistory(ports, batch, Number(number));
  if (known === null) return null;
  const { cells, source } = known;
  return {
    ...known,
    cells: cells.map(({ column, text }) => ({ column, text: redactUrls(text) })),
    source: source?.kind === 'url' ? { ...source, videoUrl: redactUrls(source.videoUrl) } : source,
  };
}
