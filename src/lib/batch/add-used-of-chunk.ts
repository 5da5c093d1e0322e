import type { Batch } from '../core/batch/batch.ts';
import { addUsed, type UsedSessions } from '../core/budget/used-sessions.ts';
import type { Outcome } from '../core/row/outcome.ts';
import type { RowProgress } from '../core/row/row-progress.ts';
import type { BatchStore } from '../store/batch-store.ts';

export interface CountedChunk {
  chunk: number;
  /** Its rows. */
  numbers: readonly number[];
  outcomes: ReadonlyMap<number, Outcome>;
  progress: ReadonlyMap<number, RowProgress>;
}

/** Adds the calls of a chunk's rows that have opened a session, or may have. Reads their earlier outcomes. */
export async function addUsedOfChunk(
  store: Pick<BatchStore, 'readAllEarlier'>,
  { id, lineage }: Batch,
  used: UsedSessions,
  { chunk, numbers, outcomes, progress }: CountedChunk,
): Promise<UsedSessions> {
  const earlier = await store.readAllEarlier(id, chunk);
  const mayInherit = lineage !== null && !lineage.isFresh;
  return numbers.reduce(
    (sum, row) =>
      addUsed(
        sum,
        {
          outcome: outcomes.get(row) ?? null,
          progress: progress.get(row) ?? null,
          earlier: earlier.get(row) ?? [],
        },
        mayInherit,
      ),
    used,
  );
}
