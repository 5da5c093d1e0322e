import type { Batch } from '../core/batch.ts';
import type { NoticeTarget } from '../core/notice-target.ts';

/** The moment at which a batch's last row ended. */
export interface BatchEnd {
  batchId: string;
  atMs: number;
}

/** What has to be known to keep an eye on batches. Every method may run twice without harm. */
export interface BatchWatch {
  /** Ends that nobody was told of, at most a hundred. They are noted in the same step in which the batch ends. */
  listEnds(): Promise<BatchEnd[]>;
  /** Somebody was told. */
  settleEnd(end: BatchEnd): Promise<void>;
  /** Batches that have a window, a deadline or a webhook of their own. */
  listArranged(): AsyncIterable<Batch>;
  /** The batch's own webhook. */
  readNotify(batchId: string): Promise<NoticeTarget | null>;
  /** Somebody was told that the batch may miss its deadline. */
  noteRisk(batchId: string, nowMs: number): Promise<void>;
}
