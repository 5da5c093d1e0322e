import { nextTime } from './planned-times.ts';
import type { KeptSchedule, ScheduleRun } from './schedule.ts';

/**
 * By how many ms the most overdue run of a schedule is late: one whose time has come and that is not planned, or that is
 * planned and has not begun. 0 when none is. A run that was given up as missed is not late any more.
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
