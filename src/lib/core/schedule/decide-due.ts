/** What a look at the clock makes of a schedule's planned times. */
export interface Due {
  /** The run to start now; null when there is none. */
  run: { plannedAtMs: number; trigger: 'timer' | 'catch-up' } | null;
  /** Planned times that go by without a run, oldest first. */
  missed: number[];
}

/** A run that starts so late is still on time: workers may be busy, or just be restarted. */
const ON_TIME_MS = 60_000;

/**
 * Of the planned times that have come and have no run yet, the latest one runs if it is on time or not later than
 * `catchUpMs`; all others are missed.
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
