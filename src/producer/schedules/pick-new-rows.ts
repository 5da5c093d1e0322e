import type { Batch, RowSelection } from '../../lib/core/batch/batch.ts';
import { checkRow } from '../../lib/core/manifest/check-row.ts';
import { endedWithoutSession } from '../../lib/core/row/row.ts';
import { type RowStatus, readEntries, statusOf } from '../../lib/report/read-entries.ts';
import { RowDigests } from '../../lib/rows/row-digests.ts';
import type { BatchStore } from '../../lib/store/batch-store.ts';
import type { Manifest } from '../manifest/open-manifest.ts';
import { createCellNormalizer } from '../normalize-cells.ts';
import { RowSet } from '../row-set.ts';

/**
 * Rows of a manifest that none of these batches has had (`new`), or that ended without a session in the last one that
 * had them (`failed`). Each night's batch may hold only a few rows, so all earlier batches are needed. `batches`:
 * oldest first, ended. Throws when a chunk of one is missing from the store.
 */
export async function pickNewRows(
  { store, signal }: { store: BatchStore; signal: AbortSignal },
  manifest: Manifest,
  batches: readonly Batch[],
  kinds: RowSelection['kinds'],
): Promise<RowSet> {
  using memory = new Memory();
  for (const batch of batches) await learnBatch(memory, store, batch, signal);
  const picked = new RowSet();
  const cellsOf = createCellNormalizer(manifest.shape);
  for await (const rows of manifest.rows()) {
    signal.throwIfAborted();
    for (const row of rows) {
      const kind = memory.recall(cellsOf(row));
      if (kind === null || !kinds.includes(kind) || !checkRow(manifest.shape, row).ok) continue;
      picked.add(row.row);
    }
  }
  return picked;
}

async function learnBatch(
  memory: Memory,
  store: BatchStore,
  batch: Batch,
  signal: AbortSignal,
): Promise<void> {
  const cellsOf = createCellNormalizer(batch.shape);
  for await (const entries of readEntries(store, batch)) {
    signal.throwIfAborted();
    for (const { row, result } of entries) memory.learn(cellsOf(row), statusOf(result));
  }
}

/** How each distinct row ended. All batches are added first; then rows are looked up, each once. */
class Memory implements Disposable {
  readonly #digests = new RowDigests();
  readonly #failed = new RowSet();
  readonly #seen = new RowSet();
  #known = 0;
  #next = 0;

  learn(cells: string[], status: RowStatus): void {
    // Its video is the same as that of the row that it repeats.
    if (status === 'duplicate') return;
    const place = this.#digests.findOrAdd(cells, this.#known + 1) ?? ++this.#known;
    this.#next = this.#known;
    if (endedWithoutSession(status)) this.#failed.add(place);
    else this.#failed.delete(place);
  }

  [Symbol.dispose](): void {
    this.#digests[Symbol.dispose]();
  }

  /** Null for a row that needs nothing: it has its session, or repeats a recalled row. */
  recall(cells: string[]): 'new' | 'failed' | null {
    const place = this.#digests.findOrAdd(cells, ++this.#next);
    if (place === null) return 'new';
    if (place > this.#known || this.#seen.has(place)) return null;
    this.#seen.add(place);
    return this.#failed.has(place) ? 'failed' : null;
  }
}
