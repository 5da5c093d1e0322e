import type { Batch } from '../core/batch/batch.ts';
import type { RunReason, Schedule } from '../core/schedule/schedule.ts';

/** One run's import. */
export interface ScheduledImport {
  schedule: Schedule;
  /** Its id follows from schedule and planned time, so that it may be begun again and is the same batch. */
  batchId: string;
  startedAtMs: number;
  /** As it was found; a path without `{…}` and `*`, or an address. */
  manifest: string;
  /** Of the run before; null when there was none. */
  previousSha256: string | null;
  /** For `only`: the batches of the runs before, oldest first; empty for all rows. */
  comparedWith: readonly string[];
  signal: AbortSignal;
}

type NoBatch = { kind: 'none'; reason: { code: RunReason; sentence: string } };

export type FoundManifest = { kind: 'found'; manifest: string } | NoBatch;

export type ImportEnding =
  | { kind: 'imported'; batch: Batch; isUnchanged: boolean }
  /** The manifest's server, or the way to it, is out of order; that may pass. */
  | { kind: 'not_now'; reason: { code: RunReason; sentence: string } }
  | (NoBatch & { manifestSha256: string | null });

/** Starts what a schedule asks for. May run twice: a batch of the same id is gone on with. */
export interface ScheduleImporter {
  /** Which file or address a run reads. */
  find(schedule: Schedule, plannedAtMs: number): Promise<FoundManifest>;
  /** Throws the signal's reason when aborted, and what is wrong with Redis. */
  import(task: ScheduledImport): Promise<ImportEnding>;
}
