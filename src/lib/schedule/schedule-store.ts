import type { KeptSchedule, Schedule, ScheduleRun } from '../core/schedule/schedule.ts';

/** A run as it was read. */
export interface VersionedRun {
  run: ScheduleRun;
  /** The stored text; a change names the text that it replaces. */
  version: string;
}

/** A schedule, or one whose record is damaged: `reason` is a sentence or two that say so, and what to do. */
export type ScheduleRecord =
  | { kind: 'schedule'; kept: KeptSchedule }
  | { kind: 'unreadable'; name: string; reason: string };

/** Runs kept of a schedule; those that have not ended stay beyond it. */
export const KEPT_RUNS = 100;

/** Schedules and what became of their runs. Every method may run twice without harm. Errors of the connection are thrown. */
export interface ScheduleStore {
  /** By name, without those that cannot be read. */
  list(): Promise<KeptSchedule[]>;
  /** By name. */
  listRecords(): Promise<ScheduleRecord[]>;
  /** Null when there is no such schedule. @throws UnreadableRecord when its record is damaged. */
  read(name: string): Promise<KeptSchedule | null>;
  /** Makes a schedule or changes it, also one whose record is damaged. Runs are planned from now on when it is new, or its times have changed. */
  set(schedule: Schedule, nowMs: number): Promise<'created' | 'changed' | 'unchanged'>;
  /** Nothing that was planned while it was paused is made up for. */
  setPaused(
    name: string,
    isPaused: boolean,
    nowMs: number,
  ): Promise<'changed' | 'unchanged' | 'not_found'>;
  /** Forgets a schedule and its runs; its batches stay. False when there is no such schedule. */
  remove(name: string): Promise<boolean>;

  /** Newest first: the last 100, and older ones that have not ended. */
  listRuns(name: string): Promise<ScheduleRun[]>;
  /** The one of the latest planned time; null when there is none yet. */
  readLastRun(name: string): Promise<ScheduleRun | null>;
  readRun(name: string, plannedAtMs: number): Promise<VersionedRun | null>;
  /**
   * Adds those runs that are not there yet and, unless it is null, notes until when there is nothing left to plan, all in
   * one step. Returns the planned times of those that were added; none when the schedule is gone.
   */
  addRuns(
    name: string,
    runs: readonly ScheduleRun[],
    plannedUntilMs: number | null,
  ): Promise<number[]>;
  /** Replaces a run whose text is `version`; null when another process was quicker, or it is gone. */
  swapRun(name: string, version: string, next: ScheduleRun): Promise<VersionedRun | null>;
}
