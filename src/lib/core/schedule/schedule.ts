import type { BatchOptions, RowCounts, RowSelection } from '../batch/batch.ts';
import { countWithoutSession } from '../batch/batch.ts';
import type { ManifestFormat, ManifestRole } from '../manifest/manifest.ts';
import type { NoticeTarget } from '../notice/notice-target.ts';

/** What a run does while an earlier run of the same schedule has not ended. */
export const OVERLAPS = ['skip', 'queue', 'cancel-previous'] as const;
export type Overlap = (typeof OVERLAPS)[number];

/** How a schedule's manifest is read, as in `import`; null is detected. */
export interface ManifestReading {
  map: Partial<Record<ManifestRole, string>>;
  delimiter: ',' | ';' | '|' | '\t' | null;
  format: ManifestFormat | null;
  sheet: string | null;
  /** Leaves out the hidden rows of a workbook; default false. */
  skipHidden?: boolean | undefined;
}

/** The settings that a person gave. */
export interface Schedule {
  /** Lower-case letters, digits and dashes, at least one letter, at most 40. */
  name: string;
  /** Five fields, or six with seconds first. */
  cron: string;
  /** IANA name; the time zone of `cron`, `finishBy`, `window` and the manifest's `{…}`. */
  zone: string;
  /** An absolute path on the workers' machine, a glob, or an http(s) URL; with `{yyyy-MM-dd}` and the like. */
  manifest: string;
  overlap: Overlap;
  /** How late the latest missed run may still start. */
  catchUpMs: number;
  /** What to do with a manifest that has not changed since the previous run. */
  unchanged: 'run' | 'skip';
  /** Which rows, compared with earlier runs; null for all. */
  only: RowSelection['kinds'] | null;
  reading: ManifestReading;
  options: BatchOptions;
  /** 1 to 100. */
  priority: number;
  /** Sessions that each of its batches may open; null for any number. */
  maxSessions: number | null;
  /** Only the first rows; null for all. */
  limit: number | null;
  /** The batch, or the name of the batches, whose live sessions each run keeps for unchanged rows; null for none. */
  continue: string | null;
  /** Columns by which a row is the same row; null for all its cells. */
  key: string[] | null;
  mends: string | null;
  /** `HH:mm`: each run should end by the first such time after its start; null for any time. */
  finishBy: string | null;
  /** Hours, `HH:mm` each, within which its batches are processed; null for any time. */
  window: { from: string; to: string } | null;
  /** How long the sessions of each run are renewed, in ms from its start; null for not at all, or until a time. */
  keepAlive: number | null;
  /** `HH:mm`: the sessions of each run are renewed until the first such time after its start; null for not. */
  keepAliveUntil: string | null;
  /**
   * An absolute path on the workers' machine, or an http(s) URL, where the report of each run is written; with
   * `{yyyy-MM-dd}` and the like. Null for nowhere.
   */
  out: string | null;
  /** The tags of its batches. */
  tags: string[];
  /** Its own webhook; null for the default one. */
  notify: NoticeTarget | null;
}

/** A schedule as it is stored. */
export interface KeptSchedule {
  schedule: Schedule;
  isPaused: boolean;
  /** Every planned time up to this one has its run, or was before the schedule existed. */
  plannedUntilMs: number;
  createdAtMs: number;
  /** When it was last changed. */
  setAtMs: number;
}

export const RUN_STATES = [
  /** Waits for an earlier run to end, or for a worker. */
  'waiting',
  'importing',
  /** Its batch is under way. */
  'running',
  /** Its batch has ended. */
  'finished',
  'skipped',
  /** No worker was running at its time. When one was, it was too late, or another run's turn. */
  'missed',
  /** It could not create a batch, for a reason other than its manifest. */
  'failed',
] as const;
export type RunState = (typeof RUN_STATES)[number];

/** Why a run made no batch, or why its batch did not finish. */
export const RUN_REASONS = [
  'manifest_missing',
  'manifest_empty',
  'manifest_unreadable',
  'manifest_unchanged',
  /** No row is new, or failed, compared with earlier runs. */
  'nothing_new',
  /** An earlier run had not ended. */
  'overlap',
  'missed',
  /** Its batch was cancelled, by a person or by the next run. */
  'cancelled',
  /** Its batch does not move; it continues when it is resumed or its window opens. Used only for display. */
  'paused',
  /** Another import has its batch id, or the batch was removed. */
  'conflict',
  /** A bug in this program. */
  'internal_error',
] as const;
export type RunReason = (typeof RUN_REASONS)[number];

/** One run of a schedule; the planned time is its identity. */
export interface ScheduleRun {
  plannedAtMs: number;
  /** `catch-up`: it was missed, and started late. */
  trigger: 'timer' | 'catch-up' | 'person';
  state: RunState;
  /** When its import began; null before, or if it never did. */
  startedAtMs: number | null;
  /** When its batch ended, or when the run was given up. */
  finishedAtMs: number | null;
  batchId: string | null;
  /** The manifest that was found, without `{…}` and `*`. An address may hold a signature. */
  manifest: string | null;
  manifestSha256: string | null;
  /** Its manifest is identical to that of the previous run. */
  isUnchanged: boolean;
  /** The batches that its rows were compared with, oldest first, for `only`. */
  comparedWith: string[];
  /** The counts of its batch once that has ended. For a batch under way they are used only for display. */
  counts: RowCounts | null;
  reason: { code: RunReason; sentence: string } | null;
}

export const newRun = (plannedAtMs: number, trigger: ScheduleRun['trigger']): ScheduleRun => ({
  plannedAtMs,
  trigger,
  state: 'waiting',
  startedAtMs: null,
  finishedAtMs: null,
  batchId: null,
  manifest: null,
  manifestSha256: null,
  isUnchanged: false,
  comparedWith: [],
  counts: null,
  reason: null,
});

/** Replaces a run record that Redis holds in damaged form. */
export const damagedRun = (plannedAtMs: number): ScheduleRun => ({
  ...newRun(plannedAtMs, 'timer'),
  state: 'failed',
  reason: { code: 'internal_error', sentence: 'The record of this run cannot be read in Redis.' },
});

export const isOpenRun = ({ state }: ScheduleRun): boolean =>
  state === 'waiting' || state === 'importing' || state === 'running';

/**
 * Whether a run succeeded. Null when it shows neither: it has not ended, there was nothing to do, or its batch was
 * cancelled, which is not announced either.
 */
function isGoodRun(run: ScheduleRun): boolean | null {
  switch (run.state) {
    case 'waiting':
    case 'importing':
    case 'running':
      return null;
    case 'finished':
      if (run.reason?.code === 'cancelled') return null;
      return run.counts !== null && countWithoutSession(run.counts) === 0;
    case 'skipped':
      return run.reason?.code.startsWith('manifest_') && run.reason.code !== 'manifest_unchanged'
        ? false
        : null;
    case 'missed':
    case 'failed':
      return false;
  }
}

/** Whether a run is the first success after a failure. `runs`: those of its schedule. */
export function hasRecovered(run: ScheduleRun, runs: readonly ScheduleRun[]): boolean {
  if (isGoodRun(run) !== true) return false;
  const before = runs
    .filter(({ plannedAtMs }) => plannedAtMs < run.plannedAtMs)
    .toSorted((one, other) => other.plannedAtMs - one.plannedAtMs);
  return before.map(isGoodRun).find((isGood) => isGood !== null) === false;
}

/**
 * The batches of earlier runs, oldest first, that together hold all known rows: back to the last one that was not
 * itself compared with others.
 */
export function seriesBefore(run: ScheduleRun, runs: readonly ScheduleRun[]): string[] {
  const series: string[] = [];
  const before = runs
    .filter(({ plannedAtMs, state }) => plannedAtMs < run.plannedAtMs && state === 'finished')
    .toSorted((one, other) => other.plannedAtMs - one.plannedAtMs);
  for (const { batchId, comparedWith } of before) {
    if (batchId === null) continue;
    series.unshift(batchId);
    if (comparedWith.length === 0) break;
  }
  return series;
}
