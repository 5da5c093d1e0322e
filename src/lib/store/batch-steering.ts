import type { Batch, BatchRef, BatchState } from '../core/batch/batch.ts';
import type { Outcome } from '../core/row/outcome.ts';

/** One line of a batch's history. */
export interface HistoryEntry {
  atMs: number;
  /** `user@host`, or who was logged in. */
  who: string;
  /** What was done, for example `paused` or `retried 12 rows (failed)`. */
  what: string;
  reason: string | null;
}

/** What people do to batches, beside the work on rows. Every method may run twice without harm, and does nothing when the batch is gone. */
export interface BatchSteering {
  /**
   * Cancels at once, however many rows wait: results stay, calls under way finish and are recorded, every other
   * row is cancelled. Null when the batch has ended.
   */
  cancel(batch: BatchRef, reason: string | null, nowMs: number): Promise<BatchState | null>;
  /**
   * Lets rows of one chunk wait again, if their outcomes still are these; their outcomes stay in the row's
   * history. Returns how many. To be followed by the event `reopen`.
   */
  reopenRows(
    batch: BatchRef,
    chunk: number,
    outcomes: ReadonlyMap<number, Outcome>,
  ): Promise<number>;
  /** Lets the rows wait again that a cancellation ended without having begun. Returns how many. */
  uncancelRows(batch: BatchRef): Promise<number>;
  /** Has videos that several rows name read again: they may have been fixed since. */
  forgetProbes(batch: BatchRef): Promise<void>;
  /** 1 to 100; holds from the next look of dispatch on. */
  setPriority(batch: BatchRef, priority: number): Promise<void>;
  /** Pauses a batch that had better not go on, and notes it for those who are told. Null when it does not run. */
  pauseItself(batch: BatchRef, reason: string, nowMs: number): Promise<BatchState | null>;
  /**
   * Pauses a batch whose window has been shut since `shutSinceMs`; null when it does not run, or when a person has
   * resumed it since then.
   */
  pauseOutsideWindow(
    batch: BatchRef,
    reason: string,
    shutSinceMs: number,
  ): Promise<BatchState | null>;
  /** Null when it is not paused, or not by its window. Begins a new epoch. */
  resumeInsideWindow(batch: BatchRef): Promise<BatchState | null>;
  /** A person's resumption outlasts a window that has been shut since `shutSinceMs`. */
  ignoreWindow(batch: BatchRef, shutSinceMs: number): Promise<void>;
  /** Makes a pause by the window a person's; false when there is none. */
  takeOverPause(batch: BatchRef, reason: string): Promise<boolean>;
  addHistory(batch: BatchRef, entry: HistoryEntry): Promise<void>;
  /** Newest first, at most 1000 are kept. */
  readHistory(batchId: string): Promise<HistoryEntry[]>;
  /** A row's earlier outcomes, from before it was retried or refreshed, oldest first. */
  readEarlier(batchId: string, row: number): Promise<Outcome[]>;
  /** Deletes all that the store has of a batch, in small steps; its jobs are `removeBatch`'s. */
  remove(batch: Batch, nowMs: number): Promise<void>;
  /** Deletes what lies under the id of a batch whose record cannot be read, in small steps. */
  removeDamaged(batchId: string): Promise<void>;
}
