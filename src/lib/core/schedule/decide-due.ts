/** The result of comparing a schedule's planned times with the clock. */
export interface Due {
  /** The run to start now; null when there is none. */
  run: { plannedAtMs: number; trigger: 'timer' | 'catch-up' } | null;
  /** Planned times that pass without a run, oldest first. */
  missed: number[];
}

/** A run that starts this late is still on time: workers may be busy or restarting. */
const ON_TIME_MS = 60_000;

/**
 * Of the planned times that have passed without a run, the latest one runs if it is on time or at most `catchUpMs`
 * late; all others are missed.
 */
export function decideDue(plannedMs: readonly number[], nowMs: number, catchUpMs: number): Due {
  const dueTimes = plannedMs.filter((timeMs) => timeMs <= nowMs).toSorted((a, b) => a - b);
  const latestMs = dueTimes.at(-1);
  if (latestMs === undefined) return { run: null, missed: [] };
  const lateMs = nowMs - latestMs;
  if (lateMs > Math.max(ON_TIME_MS, catchUpMs)) return { run: null, missed: dueTimes };
  const trigger = lateMs > ON_TIME_MS ? 'catch-up' : 'timer';
  return { run: { plannedAtMs: latestMs, trigger }, missed: dueTimes.slice(0, -1) };
}
