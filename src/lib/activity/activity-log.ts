import type { Activity } from '../core/activity.ts';

/** How finely a stretch of time is told. */
export interface Resolution {
  stepMs: number;
  /** How long it can be looked back. */
  keptMs: number;
}

export const RESOLUTIONS = {
  minutes: { stepMs: 60_000, keptMs: 3 * 3_600_000 },
  tens: { stepMs: 600_000, keptMs: 48 * 3_600_000 },
} as const satisfies Record<string, Resolution>;

export type ResolutionName = keyof typeof RESOLUTIONS;

/** One step of a chart. */
export interface ActivityStep {
  /** When it began. */
  atMs: number;
  activity: Activity;
}

/**
 * What the workers did lately, for charts and metrics; nothing is decided by it. Where Redis was lost in the middle of a
 * write, some seconds may be missing or count twice.
 */
export interface ActivityLog {
  /** Adds what was done at about `nowMs`, at once to every resolution and to the totals. Adds again when called twice. */
  add(activity: Activity, nowMs: number): Promise<void>;
  /** The steps of the last `lengthMs` without a gap, oldest first; the last one is the present one. */
  readRecent(resolution: ResolutionName, lengthMs: number, nowMs: number): Promise<ActivityStep[]>;
  /** Everything since ever: only grows. */
  readTotals(): Promise<Activity>;
}
