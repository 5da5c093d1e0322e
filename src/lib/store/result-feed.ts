import type { BatchRef } from '../core/batch/batch.ts';

/** Which rows of its batch an event is about. */
export type FeedScope =
  | { kind: 'row'; row: number }
  /** Rows of one chunk that ended when they were imported. */
  | { kind: 'chunk'; chunk: number }
  /** Rows without an outcome of their own: they were cancelled together with their batch, or wait again. */
  | { kind: 'untouched' }
  /** Every row with an outcome: the batch is older than the feed. */
  | { kind: 'all' }
  /** Rows whose sessions have expired within these 5 minutes (`sessionBucket`). */
  | { kind: 'expired'; bucket: number };

export interface FeedEvent {
  /** From 1, without gaps. */
  number: number;
  /** Null if the batch was removed meanwhile. */
  batch: BatchRef | null;
  scope: FeedScope;
}

export interface FeedPage {
  /** Oldest first. */
  events: FeedEvent[];
  /** The number after the last of these events; where the next page begins. */
  next: number;
  /** Number of the latest event of the feed; 0 before the first. */
  latest: number;
}

/**
 * One ordered list of the changes of all rows. An event says only which rows changed; the batch store has the
 * results. So an absent reader costs 9 B a change, and a late reader sees each row with its current result. The
 * scripts that change rows append to it in the same step. No script runs when a session expires, so workers append
 * its event.
 */
export interface ResultFeed {
  /**
   * Random; after a loss of all data the feed has another. A reader that keeps positions elsewhere keeps the id with
   * them.
   */
  readId(): Promise<string>;
  /** Number of the latest event; 0 before the first. */
  readLatest(): Promise<number>;
  /** At most `limit` events from number `from` on. Events of batches that were removed long ago may be missing. */
  readEvents(from: number, limit: number): Promise<FeedPage>;
  /**
   * Number of the first event that may be about the batch. A batch that ended before the feed existed gets an event
   * for all of its rows. Null if the batch is gone. May be called twice without harm.
   */
  firstEventOf(batch: BatchRef): Promise<number | null>;
  /** At most `limit` chunks, from number `from` on, whose rows may have sessions of an event about expiry. */
  listExpired(
    batchId: string,
    bucket: number,
    page: { from: number; limit: number },
  ): Promise<number[]>;
}
