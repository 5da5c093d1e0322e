import { nextTimeOfDay } from '../batch/daily-window.ts';

/** When the current day ends, and the next one, in ms. */
export type DayEnds = readonly [number, number];

/**
 * The days in which sessions are counted, from midnight to midnight in this zone. A day may have 23 or 25 hours. The
 * function remembers its last answer, because it runs before each call.
 */
export function createDayEnds(zone: string): (nowMs: number) => DayEnds {
  let known: DayEnds = [0, 0];
  return (nowMs) => {
    if (nowMs >= known[0]) {
      const endMs = nextTimeOfDay('00:00', zone, nowMs);
      known = [endMs, nextTimeOfDay('00:00', zone, endMs)];
    }
    return known;
  };
}

/** The sessions of the current day. */
export interface SessionsToday {
  /** Calls that have opened a session, or may have. */
  used: number;
  /** When the day ends; null before the first call. */
  untilMs: number | null;
}
