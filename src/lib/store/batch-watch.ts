import type { Batch, BatchRef } from '../core/batch/batch.ts';
import type { NoticeTarget } from '../core/notice/notice-target.ts';

/** A batch event that has not been announced yet. */
export interface PendingNotice {
  batch: BatchRef;
  /** Its last row ended, or it paused itself. */
  what: 'ended' | 'paused_itself';
  atMs: number;
}

/** What upkeep needs to know about batches. Every method may run twice without harm. */
export interface BatchWatch {
  /** At most a hundred. Events are recorded in the same step in which they happen. */
  listPending(): Promise<PendingNotice[]>;
  /** The notice was queued. */
  settle(untold: PendingNotice): Promise<void>;
  /** Batches that have a window, a deadline or their own webhook. */
  listArranged(): AsyncIterable<Batch>;
  /** The batch's own webhook. */
  readNotify(batchId: string): Promise<NoticeTarget | null>;
  /** A notice was queued that the batch may miss its deadline. */
  noteRisk(batch: BatchRef, nowMs: number): Promise<void>;
}
