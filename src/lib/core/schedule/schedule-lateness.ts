import { nextTime } from './planned-times.ts';
import type { KeptSchedule, ScheduleRun } from './schedule.ts';

/**
 * How late the most overdue run of a schedule is, in ms: its time has passed and it is not planned, or it is planned
 * and has not begun. 0 when no run is late. A run that was given up as missed is no longer late.
 */
export function scheduleLatenessMs(
  { schedule, isPaused, plannedUntilMs }: KeptSchedule,
  runs: readonly Pick<ScheduleRun, 'state' | 'plannedAtMs'>[],
  nowMs: number,
): number {
  const waiting = runs.filter(({ state }) => state === 'waiting');
  const due = waiting.map(({ plannedAtMs }) => plannedAtMs);
  if (!isPaused) due.push(nextTime(schedule, plannedUntilMs));
  return Math.max(0, nowMs - Math.min(...due));
}
