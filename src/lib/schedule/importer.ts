import type { Batch } from '../core/batch/batch.ts';
import type { RunReason, Schedule } from '../core/schedule/schedule.ts';

/** The import of one run. */
export interface ScheduledImport {
  schedule: Schedule;
  /** The id follows from schedule and planned time, so a repeated import continues the same batch. */
  batchId: string;
  plannedAtMs: number;
  startedAtMs: number;
  /** The manifest that was found: a path without `{…}` and `*`, or an address. */
  manifest: string;
  /** The digest of the previous run; null when there was none. */
  previousSha256: string | null;
  /** For `only`: the batches of earlier runs, oldest first; empty for all rows. */
  comparedWith: readonly string[];
  signal: AbortSignal;
}

type NoBatch = { kind: 'none'; reason: { code: RunReason; sentence: string } };

export type FoundManifest = { kind: 'found'; manifest: string } | NoBatch;

export type ImportEnding =
  /** `remarks`: what its rows are to an earlier run's, a sentence each. */
  | { kind: 'imported'; batch: Batch; isUnchanged: boolean; remarks: readonly string[] }
  /** The batch was cancelled or removed (null) before every row was stored. */
  | { kind: 'interrupted'; batch: Batch | null }
  /** The manifest's server, or the way to it, fails; a retry may succeed. */
  | { kind: 'not_now'; reason: { code: RunReason; sentence: string } }
  | (NoBatch & { manifestSha256: string | null });

/** Starts what a schedule asks for. May run twice: a batch with the same id is continued. */
export interface ScheduleImporter {
  /** The file or address that a run reads. */
  find(schedule: Schedule, plannedAtMs: number): Promise<FoundManifest>;
  /** Throws the signal's reason when aborted, and errors of Redis. */
  import(task: ScheduledImport): Promise<ImportEnding>;
}
