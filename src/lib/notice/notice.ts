import type { Batch } from '../core/batch/batch.ts';
import type { NoticeTarget } from '../core/notice/notice-target.ts';
import type { ErrorCount } from '../store/batch-store.ts';

/** Why a planned run made no batch. */
export const SKIP_REASONS = [
  'manifest_missing',
  'manifest_empty',
  'manifest_unchanged',
  'manifest_unreadable',
  /** The previous run was still under way. */
  'overlap',
  /** Another import has its batch id, or a bug in this program. */
  'failed',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** One planned run of a schedule. */
export interface PlannedRun {
  schedule: string;
  plannedAtMs: number;
  /** The time zone of the schedule, an IANA name. */
  zone: string;
  /** The schedule's own webhook; null when it has none. */
  notify: NoticeTarget | null;
}

/** A batch at the time of the event. */
export interface BatchNews {
  batch: Batch;
  /** Most frequent first, at most five. */
  errors: ErrorCount[];
  /** The batch's own webhook; null when it has none. */
  notify: NoticeTarget | null;
}

/** An event that a person should know about. */
export type Notice =
  /** Every row has a session, or repeats a row that has one. */
  | ({ kind: 'finished' } & BatchNews)
  | ({ kind: 'finished_with_failures' } & BatchNews)
  /** Too many rows failed, so the batch waits for a person. `reason` is half a sentence. */
  | ({ kind: 'paused_itself'; atMs: number; reason: string } & BatchNews)
  /** The first successful run of a schedule after a failure; sent in addition to `finished`. */
  | ({ kind: 'recovered' } & BatchNews)
  /** The batch will probably end after its deadline. `expectedEndMs` is null while nothing moves. */
  | ({
      kind: 'deadline_at_risk';
      expectedEndMs: number | null;
      /** Based on an assumed pace, because nothing was measured yet. */
      isAssumed: boolean;
    } & BatchNews)
  /** Sessions of the batch that should be kept alive expire within ten minutes. `reason` is a sentence. */
  | ({ kind: 'sessions_expire'; sessions: number; reason: string; atMs: number } & BatchNews)
  /** The batch's report could not be written, or could not be if the batch ended now. `reason` is a sentence. */
  | ({ kind: 'report_failed'; place: string; reason: string } & BatchNews)
  /**
   * The API refuses the account or the configuration: no calls are made until a person or a trial call opens the
   * gate.
   */
  | { kind: 'gate_blocked'; sinceMs: number; code: string; sentence: string }
  /** The sessions that all workers together may open in a day are used up; calls continue at `untilMs`. */
  | {
      kind: 'sessions_used_up';
      sinceMs: number;
      untilMs: number;
      perDay: number;
      sentence: string;
    }
  /** The results database lacks the changes since then, or cannot be reached. */
  | { kind: 'database_behind'; sinceMs: number; sentence: string }
  /** The report of the next run could not be written at present. `reason` is a sentence. */
  | { kind: 'report_at_risk'; run: PlannedRun; reason: string }
  /** No worker was running at its time, and it is too late to catch up. */
  | { kind: 'run_missed'; run: PlannedRun }
  /** `detail` is one sentence for people. */
  | { kind: 'run_skipped'; run: PlannedRun; why: SkipReason; detail: string }
  | { kind: 'test'; atMs: number };

/** The event of a notice. The same event has the same id, however often and by whichever worker it is noticed. */
export function noticeId(notice: Notice): string {
  switch (notice.kind) {
    case 'finished':
    case 'finished_with_failures':
    case 'recovered':
      // A batch may end again, after a retry.
      return `${notice.kind}-${notice.batch.id}-${notice.batch.finishedAtMs ?? 0}`;
    case 'report_failed':
      return `${notice.kind}-${notice.batch.id}-${notice.batch.finishedAtMs ?? 'before'}`;
    case 'sessions_expire':
      return `${notice.kind}-${notice.batch.id}-${Math.floor(notice.atMs / 86_400_000)}`;
    case 'paused_itself':
      return `${notice.kind}-${notice.batch.id}-${notice.atMs}`;
    case 'deadline_at_risk':
      return `${notice.kind}-${notice.batch.id}`;
    case 'gate_blocked':
    case 'database_behind':
      return `${notice.kind}-${notice.sinceMs}`;
    case 'sessions_used_up':
      // A limit that was raised may be reached once more on the same day.
      return `${notice.kind}-${notice.untilMs}-${notice.perDay}`;
    case 'report_at_risk':
      // Once a day, however often the schedule runs.
      return `${notice.kind}-${notice.run.schedule}-${Math.floor(notice.run.plannedAtMs / 86_400_000)}`;
    case 'run_missed':
    case 'run_skipped':
      return `${notice.kind}-${notice.run.schedule}-${notice.run.plannedAtMs}`;
    case 'test':
      return `${notice.kind}-${notice.atMs}`;
  }
}

/** Queues notices for sending. */
export interface Notices {
  /**
   * Returns when the notice is stored in Redis, not when it is delivered. Does nothing without a webhook. May run
   * twice: of the notices with one id, only the first is sent.
   */
  send(notice: Notice): Promise<void>;
}
