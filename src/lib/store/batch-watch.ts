import type { Batch, BatchRef } from '../core/batch/batch.ts';
import type { NoticeTarget } from '../core/notice/notice-target.ts';

/** A batch event that has not been announced yet. */
export interface PendingNotice {
  batch: BatchRef;
  /** Its last row ended, or it paused itself. */
  what: 'ended' | 'paused_itself';
  atMs: number;
}

/** What has to be known to keep an eye on batches. Every method may run twice without harm. */
export interface BatchWatch {
  /** At most a hundred. They are noted in the same step in which they come about. */
  listPending(): Promise<PendingNotice[]>;
  /** Somebody was told. */
  settle(untold: PendingNotice): Promise<void>;
  /** Batches that have a window, a deadline or a webhook of their own. */
  listArranged(): AsyncIterable<Batch>;
  /** The batch's own webhook. */
  readNotify(batchId: string): Promise<NoticeTarget | null>;
  /** Somebody was told that the batch may miss its deadline. */
  noteRisk(batch: BatchRef, nowMs: number): Promise<void>;
}
