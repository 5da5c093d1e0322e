import type { BatchRef } from '../core/batch/batch.ts';
import type { ManifestRow, ManifestShape } from '../core/manifest/manifest.ts';
import type { KeyColumns } from '../rows/row-key.ts';

/** Rows of one batch that may have a key. */
export interface KeyCandidates {
  batchId: string;
  /** In order; occasionally one with another key. */
  rows: number[];
}

/** Indexes one batch; its rows are added in order, each once. */
export interface KeyWriter {
  /** `shape`: how these rows are read. */
  add(rows: readonly ManifestRow[], shape: ManifestShape): Promise<void>;
  /** From now on the batch's rows are found by these columns. Does nothing if the batch was removed. */
  finish(): Promise<void>;
}

/**
 * Finds rows by the user's own key in all batches that were imported with one. A batch's part is removed with the
 * batch.
 */
export interface KeyIndex {
  /** Replaces what is indexed of the batch. Two writers of the same batch and columns do no harm. */
  write(batch: BatchRef, key: KeyColumns): KeyWriter;
  /** Whether the batch is indexed by these columns, and the index is complete. */
  isWhole(
    batch: BatchRef & { rows: number; key: KeyColumns | null },
    key: KeyColumns,
  ): Promise<boolean>;
  /** The newest batches first, some at a time; batches without such a row are left out. */
  findCandidates(text: string): AsyncIterable<KeyCandidates[]>;
}
