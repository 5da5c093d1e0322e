import type { BatchRef, RowCounts } from '../core/batch/batch.ts';
import type { Outcome } from '../core/row/outcome.ts';
import type { Chunk } from './batch-store.ts';

/** What a recount of a batch found. */
export interface Recounted {
  counts: RowCounts;
  possibleOrphans: number;
  /** Rows without an outcome that count as cancelled together with their batch. */
  impliedCancelled: number;
  /** The first row that has neither outcome nor progress; null when there is none. */
  firstUntouched: number | null;
}

/** Mends what a loss of data has torn. Every method may run twice without harm. */
export interface BatchRepair {
  /** Those of the first so many chunks whose rows are gone. */
  findMissingChunks(batchId: string, chunks: number): Promise<number[]>;
  /** Puts back the rows of a chunk that is gone, and the outcomes that follow from reading it. The counters are left alone. */
  restoreChunk(batch: BatchRef, chunk: Chunk): Promise<void>;
  /** Marks rows of one chunk by their outcome, if any, as far as that still is so. */
  markRows(
    batch: BatchRef,
    chunk: number,
    rows: readonly number[],
    outcomes: ReadonlyMap<number, Outcome>,
  ): Promise<void>;
  /** Ends a row otherwise, if its outcome still is `found`, which is kept as an earlier one. False when it is not. */
  replaceOutcome(batch: BatchRef, row: number, found: Outcome, next: Outcome): Promise<boolean>;
  /** Rows of the first so many chunks that have ended, those included that were cancelled together with their batch. */
  countEnded(batchId: string, chunks: number): Promise<number>;
  /** How often rows of a batch have moved so far: a recount is true when none has meanwhile. */
  readMoves(batchId: string): Promise<number>;
  /**
   * Lets dispatch begin at the first untouched row again, and sets the counters to what was recounted when every row has been
   * marked. They stay as they are, and false is returned, when rows have moved since there were `moves`.
   */
  setCounts(batch: BatchRef, moves: number, recounted: Recounted): Promise<boolean>;
}
