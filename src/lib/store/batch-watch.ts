import type { Batch, BatchRef } from '../core/batch/batch.ts';
import type { NoticeTarget } from '../core/notice/notice-target.ts';
import type { ReportAttempt } from '../core/report/batch-report.ts';

/** A batch event that has not been announced yet. */
export interface PendingNotice {
  batch: BatchRef;
  /** Its last row ended; it paused itself; or a person named the place of its report. */
  what: 'ended' | 'paused_itself' | 'report_wanted';
  atMs: number;
}

/** What upkeep needs to know about batches. Every method may run twice without harm. */
export interface BatchWatch {
  /** At most a hundred. Events are recorded in the same step in which they happen. */
  listPending(): Promise<PendingNotice[]>;
  /** The notice was queued. */
  settle(untold: PendingNotice): Promise<void>;
  /** Batches that have a window, a deadline, their own webhook, or sessions that are kept alive. */
  listArranged(): AsyncIterable<Batch>;
  /** The batch's own webhook. */
  readNotify(batchId: string): Promise<NoticeTarget | null>;
  /** Where its report is written, secrets included; null for nowhere, or when the batch was removed. */
  readReportPlace(batch: BatchRef): Promise<string | null>;
  /** Does nothing if the place has changed meanwhile. Null: the place can be written to. */
  noteReport(batch: BatchRef, place: string, attempt: ReportAttempt | null): Promise<void>;
  /** A notice was queued that the batch may miss its deadline. */
  noteRisk(batch: BatchRef, nowMs: number): Promise<void>;
}
