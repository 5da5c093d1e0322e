import type { Batch } from '../core/batch/batch.ts';
import type { NoticeTarget } from '../core/notice/notice-target.ts';
import type { ErrorCount } from '../store/batch-store.ts';

/** Why a planned run made no batch. */
export const SKIP_REASONS = [
  'manifest_missing',
  'manifest_empty',
  'manifest_unchanged',
  'manifest_unreadable',
  /** The run before it was still under way. */
  'overlap',
  /** Its batch id belongs to another import, or a fault of ours. */
  'failed',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

/** One planned run of a schedule. */
export interface PlannedRun {
  schedule: string;
  plannedAtMs: number;
  /** Of the schedule, an IANA name. */
  zone: string;
  /** The schedule's own webhook; null when it has none. */
  notify: NoticeTarget | null;
}

/** A batch as it stood when there was something to say about it. */
export interface BatchNews {
  batch: Batch;
  /** Most frequent first, at most five. */
  errors: ErrorCount[];
  /** The batch's own webhook; null when it has none. */
  notify: NoticeTarget | null;
}

/** What a person should know. */
export type Notice =
  /** Every row has a session, or repeats one that has. */
  | ({ kind: 'finished' } & BatchNews)
  | ({ kind: 'finished_with_failures' } & BatchNews)
  /** Too many rows failed, and it does not go on before a person says so. `reason` is half a sentence. */
  | ({ kind: 'paused_itself'; atMs: number; reason: string } & BatchNews)
  /** The first good run of a schedule after a bad one; comes beside `finished`. */
  | ({ kind: 'recovered' } & BatchNews)
  /** The batch will probably end after its deadline. `expectedEndMs` is null while nothing moves. */
  | ({
      kind: 'deadline_at_risk';
      expectedEndMs: number | null;
      /** By a pace that is assumed, as there is nothing yet to measure. */
      isAssumed: boolean;
    } & BatchNews)
  /** The API refuses the account or the configuration: nothing is called until a person or a trial call opens the gate. */
  | { kind: 'gate_blocked'; sinceMs: number; code: string; sentence: string }
  /** Nobody was there at its time, and it is too late to catch up. */
  | { kind: 'run_missed'; run: PlannedRun }
  /** `detail` is one sentence for people. */
  | { kind: 'run_skipped'; run: PlannedRun; why: SkipReason; detail: string }
  | { kind: 'test'; atMs: number };

/** What the notice is about: the same event has the same id, however often it is noticed, and by which worker. */
export function noticeId(notice: Notice): string {
  switch (notice.kind) {
    case 'finished':
    case 'finished_with_failures':
    case 'recovered':
      // A batch may end again, after a retry.
      return `${notice.kind}-${notice.batch.id}-${notice.batch.finishedAtMs ?? 0}`;
    case 'paused_itself':
      return `${notice.kind}-${notice.batch.id}-${notice.atMs}`;
    case 'deadline_at_risk':
      return `${notice.kind}-${notice.batch.id}`;
    case 'gate_blocked':
      return `${notice.kind}-${notice.sinceMs}`;
    case 'run_missed':
    case 'run_skipped':
      return `${notice.kind}-${notice.run.schedule}-${notice.run.plannedAtMs}`;
    case 'test':
      return `${notice.kind}-${notice.atMs}`;
  }
}

/** Takes notices on their way. */
export interface Notices {
  /**
   * Returns when the notice is safe in Redis, not when it has arrived; does nothing where no webhook is set. May run
   * twice: of notices with one id only the first is sent.
   */
  send(notice: Notice): Promise<void>;
}
