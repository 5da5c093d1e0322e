import type { Batch, RowSelection } from '../../lib/core/batch/batch.ts';
import { checkRow } from '../../lib/core/manifest/check-row.ts';
import { endedWithoutSession } from '../../lib/core/row/row.ts';
import { type RowStatus, readEntries, statusOf } from '../../lib/report/read-entries.ts';
import { RowDigests } from '../../lib/rows/row-digests.ts';
import type { BatchStore } from '../../lib/store/batch-store.ts';
import { SavedForms } from '../continuing/saved-forms.ts';
import type { Manifest } from '../manifest/open-manifest.ts';
import { createCellNormalizer, createSavedCells } from '../normalize-cells.ts';
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
  return await recallRows(memory, manifest, kinds, signal);
}

async function recallRows(
  memory: Memory,
  manifest: Manifest,
  kinds: RowSelection['kinds'],
  signal: AbortSignal,
): Promise<RowSet> {
  const picked = new RowSet();
  const pick = (row: number, kind: 'new' | 'failed' | null): void => {
    if (kind !== null && kinds.includes(kind)) picked.add(row);
  };
  const cellsOf = createCellNormalizer(manifest.shape);
  const savedCells = createSavedCells(manifest.shape);
  /** Each row that may be a known one, and that one. */
  const undecided: number[] = [];
  for await (const rows of manifest.rows()) {
    signal.throwIfAborted();
    for (const row of rows) {
      const recalled = memory.recall(cellsOf(row), savedCells);
      if (recalled === null || !checkRow(manifest.shape, row).ok) continue;
      if (typeof recalled === 'number') undecided.push(row.row, recalled);
      else pick(row.row, recalled);
    }
  }
  for (let at = 0; at < undecided.length; at += 2) {
    pick(undecided[at] as number, memory.decide(undecided[at + 1] as number));
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
  const savedCells = createSavedCells(batch.shape);
  for await (const entries of readEntries(store, batch)) {
    signal.throwIfAborted();
    for (const { row, result } of entries) memory.learn(cellsOf(row), savedCells, statusOf(result));
  }
  memory.endBatch();
}

type SavedCells = ReturnType<typeof createSavedCells>;

interface Likeness {
  row: number;
  mayBe: number;
}

/**
 * How each distinct row ended. All batches are added first; then rows are looked up, each once. A row that is not known
 * as it is written is one that a spreadsheet may have saved as it, unless another row of its table is that one.
 */
class Memory implements Disposable {
  readonly #digests = new RowDigests();
  readonly #savedForms = new SavedForms((cells) => this.#findWritten(cells));
  /** Rows of a later batch that are an earlier one, written otherwise. */
  readonly #same = new Map<number, number>();
  readonly #failed = new RowSet();
  #seen = new RowSet();
  #known = 0;
  #next = 0;
  /** Rows of this batch that may be one of an earlier batch. */
  #alike: Likeness[] = [];

  learn(cells: readonly string[], savedCells: SavedCells, status: RowStatus): void {
    // Its video is the same as that of the row that it repeats.
    if (status === 'duplicate') return;
    const known = this.#digests.find(cells);
    const row = known === null ? this.#add(cells, savedCells(cells)) : this.#firstOf(known);
    this.#seen.add(row);
    this.#setFailed(row, endedWithoutSession(status));
  }

  endBatch(): void {
    for (const { row, mayBe } of this.#alike) {
      const first = this.#firstOf(mayBe);
      if (this.#seen.has(first)) continue;
      this.#seen.add(first);
      this.#same.set(row, first);
      this.#setFailed(first, this.#failed.has(row));
    }
    this.#alike = [];
    this.#next = this.#known;
    this.#seen = new RowSet();
  }

  /** Null for a row that needs nothing: it has its session, or repeats a recalled row. A number is for `decide`. */
  recall(cells: readonly string[], savedCells: SavedCells): 'new' | 'failed' | number | null {
    this.#next += 1;
    const known = this.#digests.findOrAdd(cells, this.#next);
    if (known === null) return this.#savedForms.findOther(cells, savedCells(cells), null) ?? 'new';
    return known > this.#known ? null : this.#see(this.#firstOf(known));
  }

  /** The same for a row that may be a known one, once all rows have been recalled. */
  decide(mayBe: number): 'new' | 'failed' | null {
    const row = this.#firstOf(mayBe);
    return this.#seen.has(row) ? 'new' : this.#see(row);
  }

  [Symbol.dispose](): void {
    this.#digests[Symbol.dispose]();
    this.#savedForms[Symbol.dispose]();
  }

  #add(cells: readonly string[], saved: readonly string[]): number {
    this.#known += 1;
    const row = this.#known;
    const mayBe = this.#savedForms.findOther(cells, saved, null);
    if (mayBe !== null) this.#alike.push({ row, mayBe });
    this.#digests.findOrAdd(cells, row);
    this.#savedForms.add(cells, saved, row);
    return row;
  }

  #findWritten(cells: readonly string[]): number | null {
    const row = this.#digests.find(cells);
    // Rows of the manifest have higher numbers.
    return row !== null && row <= this.#known ? row : null;
  }

  #firstOf(row: number): number {
    return this.#same.get(row) ?? row;
  }

  #setFailed(row: number, isFailed: boolean): void {
    if (isFailed) this.#failed.add(row);
    else this.#failed.delete(row);
  }

  #see(row: number): 'failed' | null {
    if (this.#seen.has(row)) return null;
    this.#seen.add(row);
    return this.#failed.has(row) ? 'failed' : null;
  }
}
