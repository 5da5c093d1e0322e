import type { KeptSchedule, Schedule, ScheduleRun } from '../core/schedule/schedule.ts';

/** A run as it was read. */
export interface VersionedRun {
  run: ScheduleRun;
  /** The stored text; a change names the text that it replaces. */
  version: string;
}

/** A schedule, or one with a damaged record: `reason` says so and what to do, in one or two sentences. */
export type ScheduleRecord =
  | { kind: 'schedule'; kept: KeptSchedule }
  | { kind: 'unreadable'; name: string; reason: string };

/** Runs kept per schedule; runs that have not ended are kept beyond it. */
export const KEPT_RUNS = 100;

/** Schedules and their runs. Every method may run twice without harm. Connection errors are thrown. */
export interface ScheduleStore {
  /** By name, without unreadable ones. */
  list(): Promise<KeptSchedule[]>;
  /** By name. */
  listRecords(): Promise<ScheduleRecord[]>;
  /** Null when there is no such schedule. @throws UnreadableRecord when its record is damaged. */
  read(name: string): Promise<KeptSchedule | null>;
  /**
   * Creates or changes a schedule, even one with a damaged record. Runs are planned from now on if it is new, or its
   * times have changed.
   */
  set(schedule: Schedule, nowMs: number): Promise<'created' | 'changed' | 'unchanged'>;
  /** Runs missed during the pause are not made up for. */
  setPaused(
    name: string,
    isPaused: boolean,
    nowMs: number,
  ): Promise<'changed' | 'unchanged' | 'not_found'>;
  /** Removes a schedule and its runs; its batches stay. False when there is no such schedule. */
  remove(name: string): Promise<boolean>;

  /** Newest first: the last 100, and older ones that have not ended. */
  listRuns(name: string): Promise<ScheduleRun[]>;
  /** The run with the latest planned time; null when there is none yet. */
  readLastRun(name: string): Promise<ScheduleRun | null>;
  readRun(name: string, plannedAtMs: number): Promise<VersionedRun | null>;
  /**
   * Adds the runs that do not exist yet and, unless it is null, records until when everything is planned, in one
   * step. Returns the planned times of the added runs; none when the schedule was removed.
   */
  addRuns(
    name: string,
    runs: readonly ScheduleRun[],
    plannedUntilMs: number | null,
  ): Promise<number[]>;
  /** Replaces a run whose text is `version`; null when another process was quicker, or the run was removed. */
  swapRun(name: string, version: string, next: ScheduleRun): Promise<VersionedRun | null>;
}
