import type { ManifestRow } from '../core/manifest/manifest.ts';

/** Which rows of a chunk are wanted. */
export interface RowPick {
  rows: ReadonlySet<number>;
  /** Only rows that may contain it, in any case of letters; null for all. */
  text: string | null;
}

/** Finds a few rows among a million without reading them all. */
export interface RowIndex {
  /**
   * Marks (`core/row/row-mark.ts`): how rows ended, kept in step with the outcomes; some ten thousand at a time. Null for a batch whose
   * rows are not all marked: an earlier version made it, and `BatchRepair` has not looked at it since.
   */
  readMarks(batchId: string, firstRow: number, rows: number): Promise<Uint16Array | null>;
  /** Some rows of one chunk, several times quicker than the whole chunk. Null when the chunk is missing. */
  pickRows(batchId: string, chunk: number, pick: RowPick): Promise<ManifestRow[] | null>;
}
