import type { Batch } from '../core/batch/batch.ts';
import { chunkOfRow, countChunks } from '../core/batch/chunk.ts';
import { explainUnread } from '../core/batch/explain-unread.ts';
import { impliedOutcome } from '../core/batch/implied-outcome.ts';
import type { ManifestRow } from '../core/manifest/manifest.ts';
import type { Outcome } from '../core/row/outcome.ts';
import type { OutcomeStatus, PendingState } from '../core/row/row.ts';
import type { BatchStore } from '../store/batch-store.ts';
import type { ReportEntry, ReportLine } from './report-formatter.ts';

export type RowStatus = PendingState | OutcomeStatus;

/**
 * A batch's rows in manifest order with their states, one chunk at a time. With `statuses`, only rows that have one
 * of them. Throws when a chunk is missing from the store.
 */
export async function* readEntries(
  store: BatchStore,
  batch: Batch,
  statuses: ReadonlySet<RowStatus> | null = null,
): AsyncGenerator<ReportEntry[]> {
  for (let chunk = 0; chunk < countChunks(batch.rows); chunk += 1) {
    const [rows, outcomes] = await Promise.all([
      store.readChunk(batch.id, chunk),
      store.readOutcomes(batch.id, chunk),
    ]);
    if (rows === null) throw missing(batch, chunk);
    const entries = await joinOutcomes(store, batch, rows, outcomes);
    yield statuses === null
      ? entries
      : entries.filter(({ result }) => statuses.has(statusOf(result)));
  }
}

/** The content of a report: all rows, and a line for missing ones; or only rows with one of these statuses. */
export async function* readReport(
  store: BatchStore,
  batch: Batch,
  statuses: ReadonlySet<RowStatus> | null,
): AsyncGenerator<ReportLine[]> {
  yield* readEntries(store, batch, statuses);
  const missing = explainUnread(batch);
  if (statuses !== null || missing === null) return;
  yield [{ row: { row: batch.rows + 1, line: 0, cells: [] }, missing }];
}

/** One of the batch's rows; null when it does not exist. Throws when its chunk is missing from the store. */
export async function readEntry(
  store: BatchStore,
  batch: Batch,
  number: number,
): Promise<ReportEntry | null> {
  if (number < 1 || number > batch.rows) return null;
  const chunk = chunkOfRow(number);
  const [rows, outcomes] = await Promise.all([
    store.readChunk(batch.id, chunk),
    store.readOutcomesOf(batch.id, [number]),
  ]);
  if (rows === null) throw missing(batch, chunk);
  const own = rows.filter(({ row }) => row === number);
  const [entry = null] = await joinOutcomes(store, batch, own, outcomes);
  return entry;
}

const missing = ({ id }: Batch, chunk: number): Error =>
  new Error(`chunk ${chunk} of batch ${id} is missing; see \`kling-sessions verify\``);

export const statusOf = (result: ReportEntry['result']): RowStatus =>
  typeof result === 'string' ? result : result.status;

/** Rows with their states; `outcomes` holds those of all of them that have ended. */
export async function joinOutcomes(
  store: BatchStore,
  batch: Batch,
  rows: ManifestRow[],
  outcomes: ReadonlyMap<number, Outcome>,
): Promise<ReportEntry[]> {
  const pending = rows.map(({ row }) => row).filter((row) => !outcomes.has(row));
  const repeated = [...outcomes.values()].flatMap(({ duplicateOf }) => duplicateOf ?? []);
  const [progress, originals] = await Promise.all([
    store.readProgressOf(batch.id, pending),
    store.readOutcomesOf(batch.id, repeated),
  ]);
  const implied = impliedOutcome(batch) ?? 'waiting';
  return rows.map((row) => {
    const outcome = outcomes.get(row.row);
    const pending = progress.get(row.row);
    return {
      row,
      result: outcome ?? pending?.state ?? implied,
      ...(pending && pending.lostCalls > 0 && { lost: pending }),
      ...(pending?.isCalling && { callBeganMs: pending.callBeganMs ?? 0 }),
      original: originals.get(outcome?.duplicateOf ?? 0) ?? null,
      batchId: batch.id,
    };
  });
}
