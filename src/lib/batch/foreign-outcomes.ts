import type { Batch } from '../core/batch/batch.ts';
import { countChunks } from '../core/batch/chunk.ts';
import { checkRow } from '../core/manifest/check-row.ts';
import type { ManifestRow } from '../core/manifest/manifest.ts';
import type { Outcome } from '../core/row/outcome.ts';
import type { BatchRepair } from '../store/batch-repair.ts';
import type { BatchStore } from '../store/batch-store.ts';
import { isCalledFor } from '../store/redis/packing/source-digest.ts';

/** Rows of one chunk whose outcome came from a call for a different source than the row names. */
export function listForeign(
  { shape }: Pick<Batch, 'shape'>,
  rows: readonly ManifestRow[],
  outcomes: ReadonlyMap<number, Outcome>,
): number[] {
  const isForeign = (row: ManifestRow): boolean => {
    const called = outcomes.get(row.row)?.called;
    if (called === undefined) return false;
    const checked = checkRow(shape, row);
    return !checked.ok || !isCalledFor(checked.source, called);
  };
  return rows.filter(isForeign).map(({ row }) => row);
}

/** The new outcome of such a row: nothing is known about a call for its own source. */
function disown(outcome: Outcome, nowMs: number): Outcome {
  const {
    session,
    status,
    called: _,
    video: __,
    duplicateOf: ___,
    unclearCalls: ____,
    ...kept
  } = outcome;
  const message = session
    ? `Session ${session.id} was opened for a different source than this row names, so it was removed from the row.`
    : `The recorded outcome (${status}) came from a call for a different source than this row names.`;
  const error = { code: 'source_mismatch', message };
  return { ...kept, status: 'unconfirmed', finishedAtMs: nowMs, error };
}

/** Ends every row with an outcome from a different source as `unconfirmed`. May run at any time and twice. */
export async function disownForeign(
  { store, repair, now }: { store: BatchStore; repair: BatchRepair; now: () => number },
  batch: Batch,
): Promise<void> {
  for (let chunk = 0; chunk < countChunks(batch.rows); chunk += 1) {
    const rows = (await store.readChunk(batch.id, chunk)) ?? [];
    const outcomes = await store.readOutcomes(batch.id, chunk);
    for (const row of listForeign(batch, rows, outcomes)) {
      const found = outcomes.get(row);
      if (found !== undefined) await repair.replaceOutcome(batch, row, found, disown(found, now()));
    }
  }
}
