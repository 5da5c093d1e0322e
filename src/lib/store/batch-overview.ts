import type { Batch, BatchState } from '../core/batch/batch.ts';
import type { SessionsToday } from '../core/budget/session-day.ts';
import type { ListPlace } from '../core/list-place.ts';
import type { SessionCounts } from '../core/time-buckets.ts';

/** The part of a batch that shows whether more is needed. */
export interface BatchStanding {
  id: string;
  state: BatchState;
  finishedAtMs: number | null;
}

/** A batch, or one with a damaged record: `reason` says so and what to do, in one or two sentences. */
export type BatchRecord =
  | { kind: 'batch'; batch: Batch; place: ListPlace }
  | { kind: 'unreadable'; id: string; reason: string; place: ListPlace };

/** Which batches to list, and in what order. */
export interface WantedBatches {
  state?: BatchState | undefined;
  /** Begins after this place; null, the default, for the beginning. */
  from?: ListPlace | null;
  /** `older`, the default: newest first. `newer`: oldest first. */
  towards?: 'older' | 'newer';
}

/** Reads for people; the cost does not grow with a batch's rows. */
export interface BatchOverview {
  /** Newest first, without unreadable ones. */
  listBatches(): AsyncIterable<Batch>;
  /**
   * All of them, newest first, unless `wanted` says otherwise. Batches before the place cost nothing, and batches in
   * another state cost little. A batch that is added or removed meanwhile causes no repeated or missing batch.
   */
  listRecords(wanted?: WantedBatches): AsyncIterable<BatchRecord>;
  /** Those that cannot be read included. */
  countBatches(): Promise<number>;
  /** All readable batches, newest first, at a fraction of the cost. */
  listStandings(): AsyncIterable<BatchStanding>;
  /** Ids of the batches that mend this one, oldest first. */
  listMending(batchId: string): Promise<string[]>;
  /** Rows that ended per second over the last minute. */
  readPace(batchId: string, nowMs: number): Promise<number>;
  readSessions(batchId: string, nowMs: number): Promise<SessionCounts>;
  /** When the first of a batch's sessions expires or expired, at most 5 minutes early; null without one. */
  readFirstExpiry(batchId: string): Promise<number | null>;
  /** Live sessions that expire within this time; exact to 5 minutes. */
  countExpiring(batchId: string, nowMs: number, withinMs: number): Promise<number>;
  /** The sessions of the current day, over all batches. */
  readSessionsToday(nowMs: number): Promise<SessionsToday>;
  /** Why nothing can be stored now, such as a full Redis, one or two sentences; null when it can. */
  readWriteRefusal(): Promise<string | null>;
  /** Why all workers that run wait for a right in Redis, two sentences; null if any has its rights, or none is known. */
  readWorkerRefusal(): Promise<string | null>;
}
