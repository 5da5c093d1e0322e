import type { Batch } from '../core/batch/batch.ts';
import { checkRow } from '../core/manifest/check-row.ts';
import type { Source } from '../core/manifest/source.ts';
import { type Attempt, listAttempts, listAttemptsSoFar } from '../core/row/attempt.ts';
import type { Outcome } from '../core/row/outcome.ts';
import type { RowProgress } from '../core/row/row-progress.ts';
import { outcomeToShow } from '../report/kling-values.ts';
import { type RowStatus, readEntry, statusOf } from '../report/read-entries.ts';
import { uniqueNames, userCells } from '../report/user-cells.ts';
import type { BatchSteering } from '../store/batch-steering.ts';
import type { BatchStore } from '../store/batch-store.ts';

/** An outcome with the calls that led to it. */
export interface Ended {
  outcome: Outcome;
  /** Oldest first. */
  attempts: Attempt[];
}

/** Everything that is known about one row. */
export interface RowHistory {
  batchId: string;
  row: number;
  /** The user's cells unchanged, including credentials in addresses. */
  cells: { column: string; text: string }[];
  /** Null for a malformed row. */
  source: Source | null;
  status: RowStatus;
  /** As in the report: a duplicate has the session of the row it repeats. Null while the row has not ended. */
  outcome: Outcome | null;
  /** The state between dispatch and outcome; null outside of that. */
  progress: RowProgress | null;
  /** Since the row was last queued, oldest first. */
  attempts: Attempt[];
  /** Its earlier outcomes, from before it was retried or refreshed, oldest first. */
  earlier: Ended[];
}

/** A few small reads. Null when the batch has no such row. Throws when its chunk is missing from the store. */
export async function readRowHistory(
  { store, steering }: { store: BatchStore; steering: Pick<BatchSteering, 'readEarlier'> },
  batch: Batch,
  number: number,
): Promise<RowHistory | null> {
  const [entry, progressOf, earlier] = await Promise.all([
    readEntry(store, batch, number),
    store.readProgressOf(batch.id, [number]),
    steering.readEarlier(batch.id, number),
  ]);
  if (entry === null) return null;
  const { row, result, original } = entry;
  const hasEnded = typeof result !== 'string';
  const progress = hasEnded ? null : (progressOf.get(number) ?? null);
  const cells = userCells(batch.shape, row);
  const columns = uniqueNames(batch.shape.columns, cells.length);
  const checked = checkRow(batch.shape, row);
  return {
    batchId: batch.id,
    row: number,
    cells: cells.map((text, index) => ({ column: columns[index] ?? '', text })),
    source: checked.ok ? checked.source : null,
    status: statusOf(result),
    outcome: hasEnded ? outcomeToShow(result, original) : null,
    progress,
    attempts: hasEnded ? listAttempts(result) : progress ? listAttemptsSoFar(progress) : [],
    earlier: earlier.map((outcome) => ({ outcome, attempts: listAttempts(outcome) })),
  };
}
