import type { Batch, BatchRef, BatchState } from '../core/batch/batch.ts';
import type { KeepAlive } from '../core/renewal/keep-alive.ts';
import type { Outcome } from '../core/row/outcome.ts';

/** One line of a batch's history. */
export interface HistoryEntry {
  atMs: number;
  /** `user@host`, or the user who was logged in. */
  who: string;
  /** What was done, for example `paused` or `retried 12 rows (failed)`. */
  what: string;
  reason: string | null;
}

/**
 * What people do to batches, apart from processing rows. Every method may run twice without harm, and does nothing
 * if the batch was removed.
 */
export interface BatchSteering {
  /**
   * Cancels at once, however many rows are waiting: results stay, calls under way finish and are recorded, every
   * other row is cancelled. Null when the batch has already ended.
   */
  cancel(batch: BatchRef, reason: string | null, nowMs: number): Promise<BatchState | null>;
  /**
   * Queues rows of one chunk again, if they still have these outcomes; these stay in the rows' history. Returns how
   * many. The event `reopen` must follow.
   */
  reopenRows(
    batch: BatchRef,
    chunk: number,
    outcomes: ReadonlyMap<number, Outcome>,
  ): Promise<number>;
  /** Queues the rows again that a cancellation ended before they began. Returns how many. */
  uncancelRows(batch: BatchRef): Promise<number>;
  /** The same with some rows of one chunk; those that have begun or ended otherwise are left alone. */
  uncancelChosen(batch: BatchRef, chunk: number, rows: number[]): Promise<number>;
  /** Drops what is known of videos that several rows name, so that they are read again: they may have been fixed. */
  forgetProbes(batch: BatchRef): Promise<void>;
  /** 1 to 100; applies from the next look of dispatch on. */
  setPriority(batch: BatchRef, priority: number): Promise<void>;
  /** Pauses a running batch automatically and queues a notice about it. Null when it is not running. */
  pauseItself(batch: BatchRef, reason: string, nowMs: number): Promise<BatchState | null>;
  /**
   * The same for a batch whose sessions are used up. Null when it is not running, may open another session, or has a
   * call under way.
   */
  pauseAtLimit(batch: BatchRef, reason: string, nowMs: number): Promise<BatchState | null>;
  /**
   * How many sessions the batch may open, from 1, or null for any number. A batch that is paused for its limit runs
   * again, in a new epoch, when it may open more than it has. Returns its state.
   */
  setMaxSessions(batch: BatchRef, maxSessions: number | null): Promise<BatchState | null>;
  /** Until when its sessions are renewed, or null for no longer. Returns its state. */
  setKeepAlive(batch: BatchRef, keepAlive: KeepAlive | null): Promise<BatchState | null>;
  /**
   * Where workers write its report when it ends: `place` for them, `shown` for people. If it has ended, the report is
   * written now, and otherwise the place is looked at. False if the batch has this place already.
   */
  setReport(
    batch: BatchRef,
    report: { place: string; shown: string },
    nowMs: number,
  ): Promise<boolean>;
  /**
   * Pauses a batch whose window has been closed since `shutSinceMs`; null when it is not running, or when a person
   * has resumed it since then.
   */
  pauseOutsideWindow(
    batch: BatchRef,
    reason: string,
    shutSinceMs: number,
  ): Promise<BatchState | null>;
  /** Null unless its window has paused it. Starts a new epoch. */
  resumeInsideWindow(batch: BatchRef): Promise<BatchState | null>;
  /**
   * A person has resumed it: it keeps running although its window has been closed since
   * `shutSinceMs`.
   */
  ignoreWindow(batch: BatchRef, shutSinceMs: number): Promise<void>;
  /** Turns a pause by the window into one by a person; false when there is none. */
  takeOverPause(batch: BatchRef, reason: string): Promise<boolean>;
  addHistory(batch: BatchRef, entry: HistoryEntry): Promise<void>;
  /** Newest first, at most 1000 are kept. */
  readHistory(batchId: string): Promise<HistoryEntry[]>;
  /** A row's earlier outcomes, from before it was retried or refreshed, oldest first. */
  readEarlier(batchId: string, row: number): Promise<Outcome[]>;
  /** Deletes everything that the store has of a batch, in small steps; `removeBatch` deletes its jobs. */
  remove(batch: Batch, nowMs: number): Promise<void>;
  /** Deletes everything under the id of a batch with an unreadable record, in small steps. */
  removeDamaged(batchId: string): Promise<void>;
}
