import type { Activity } from '../core/activity.ts';

/** The steps in which a period is reported. */
export interface Resolution {
  stepMs: number;
  /** The longest period that can be read back. */
  keptMs: number;
}

export const RESOLUTIONS = {
  minutes: { stepMs: 60_000, keptMs: 3 * 3_600_000 },
  tens: { stepMs: 600_000, keptMs: 48 * 3_600_000 },
  hours: { stepMs: 3_600_000, keptMs: 8 * 86_400_000 },
} as const satisfies Record<string, Resolution>;

export type ResolutionName = keyof typeof RESOLUTIONS;

/** One step of a chart. */
export interface ActivityStep {
  /** The start of the step. */
  atMs: number;
  activity: Activity;
}

/** The steps of the last `lengthMs`, as far as they are kept, oldest first; the last one is the current step. */
export function stepsOf(
  resolution: ResolutionName,
  lengthMs: number,
  nowMs: number,
): { step: number; atMs: number }[] {
  const { stepMs, keptMs } = RESOLUTIONS[resolution];
  const present = Math.floor(nowMs / stepMs);
  const length = Math.ceil(Math.min(lengthMs, keptMs) / stepMs);
  return Array.from({ length }, (_, index) => {
    const step = present - length + 1 + index;
    return { step, atMs: step * stepMs };
  });
}

/**
 * What the workers did lately, for charts and metrics; no decision depends on it. If Redis is lost during a write,
 * some seconds may be missing or count twice.
 */
export interface ActivityLog {
  /** Adds what was done at about `nowMs` to every resolution and to the totals. A second call adds it again. */
  add(activity: Activity, nowMs: number): Promise<void>;
  /** The steps of the last `lengthMs` without gaps, oldest first; the last one is the current step. */
  readRecent(resolution: ResolutionName, lengthMs: number, nowMs: number): Promise<ActivityStep[]>;
  /** Totals since the installation began; they only grow. */
  readTotals(): Promise<Activity>;
}
