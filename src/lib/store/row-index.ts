import type { ManifestRow } from '../core/manifest/manifest.ts';

/** Which rows of a chunk to read. */
export interface RowPick {
  /** Null for all. */
  rows: ReadonlySet<number> | null;
  /** Only rows that may contain it, upper and lower case alike; null for all. */
  text: string | null;
}

/** Finds a few rows among a million without reading them all. */
export interface RowIndex {
  /**
   * Marks (`core/row/row-mark.ts`): how rows ended, kept in step with the outcomes; some ten thousand at a time. Null
   * for a batch with unmarked rows: an earlier version created it, and `BatchRepair` has not marked it since.
   */
  readMarks(batchId: string, firstRow: number, rows: number): Promise<Uint16Array | null>;
  /** Some rows of one chunk, several times faster than the whole chunk. Null when the chunk is missing. */
  pickRows(batchId: string, chunk: number, pick: RowPick): Promise<ManifestRow[] | null>;
}
