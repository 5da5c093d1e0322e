import type { Batch, BatchState } from '../core/batch/batch.ts';
import type { SessionCounts } from '../core/time-buckets.ts';

/** As little of a batch as tells whether more is wanted. */
export interface BatchStanding {
  id: string;
  state: BatchState;
  finishedAtMs: number | null;
}

/** A batch, or one whose record is damaged: `reason` is a sentence or two that say so, and what to do. */
export type BatchRecord =
  | { kind: 'batch'; batch: Batch }
  | { kind: 'unreadable'; id: string; reason: string };

/** What people look at, whose cost does not grow with a batch's rows. */
export interface BatchOverview {
  /** Newest first, without those that cannot be read. */
  listBatches(): AsyncIterable<Batch>;
  /** Newest first. */
  listRecords(): AsyncIterable<BatchRecord>;
  /** All batches that can be read so far, newest first, at a fraction of the price. */
  listStandings(): AsyncIterable<BatchStanding>;
  /** Ids of the batches that supply this one, oldest first. */
  listMending(batchId: string): Promise<string[]>;
  /** Rows that ended per second over the last minute. */
  readPace(batchId: string, nowMs: number): Promise<number>;
  readSessions(batchId: string, nowMs: number): Promise<SessionCounts>;
  /** Why nothing can be stored now, such as a full Redis, one or two sentences; null when it can. */
  readWriteRefusal(): Promise<string | null>;
}
