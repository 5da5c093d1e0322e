import type { BatchRef, RowCounts } from '../core/batch/batch.ts';
import type { Outcome } from '../core/row/outcome.ts';
import type { Chunk } from './batch-store.ts';

/** The result of a recount of a batch. */
export interface Recounted {
  counts: RowCounts;
  possibleOrphans: number;
  /** Sessions that count towards its budget; null for a batch without one, which keeps its count. */
  usedSessions: number | null;
  /** Calls under way that renew sessions. */
  renewalCalls: number;
  /** Rows without an outcome that count as cancelled together with their batch. */
  impliedCancelled: number;
  /** The first row that has neither outcome nor progress; null when there is none. */
  firstUntouched: number | null;
}

/** Repairs a batch after a loss of data. Every method may run twice without harm. */
export interface BatchRepair {
  /** Those of the first `count` chunks whose rows are lost. */
  findMissingChunks(batchId: string, chunks: number): Promise<number[]>;
  /** Restores the rows of a lost chunk, and the outcomes that follow from reading it. The counters do not change. */
  restoreChunk(batch: BatchRef, chunk: Chunk): Promise<void>;
  /** Marks rows of one chunk by their outcome, if any, unless that has changed. */
  markRows(
    batch: BatchRef,
    chunk: number,
    rows: readonly number[],
    outcomes: ReadonlyMap<number, Outcome>,
  ): Promise<void>;
  /** Replaces the outcome of a row if it still is `found`, which is kept as an earlier one. False when it is not. */
  replaceOutcome(batch: BatchRef, row: number, found: Outcome, next: Outcome): Promise<boolean>;
  /**
   * Rows of the first `count` chunks that have ended, including those that were cancelled together with their batch.
   */
  countEnded(batchId: string, chunks: number): Promise<number>;
  /** How often rows of a batch have moved so far: a recount is correct if none has moved during it. */
  readMoves(batchId: string): Promise<number>;
  /**
   * Moves the dispatch cursor back to the first untouched row, and sets the counters to the recount once every row is
   * marked. If rows have moved since there were `moves`, nothing changes and it returns false.
   */
  setCounts(batch: BatchRef, moves: number, recounted: Recounted): Promise<boolean>;
}
