import type { RowMark } from '../core/row-mark.ts';

/** How rows ended, two bytes a row, kept in step with the outcomes: so that a few among a million are found at once. */
export interface RowMarks {
  /**
   * Marks of so many rows from one on, some ten thousand at a time. Null for a batch whose rows are not all marked: an
   * earlier version made it, and `BatchRepair` has not looked at it since.
   */
  read(batchId: string, firstRow: number, rows: number): Promise<RowMark[] | null>;
}
