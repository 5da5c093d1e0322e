import { formatMoreSessions, formatRows } from '../in-words.ts';

/** A day with a limit (`SESSIONS_PER_DAY`). */
export interface SessionsLeft {
  perDay: number;
  /** Calls that have opened a session, or may have. */
  used: number;
}

/** `up to`: not all of the rows may need a call. */
export type Bound = 'at least' | 'up to';

/**
 * Why some of these rows will have to wait for the next day, and what to do; null if the day has enough for all. Other
 * batches use the same day, so more of them may wait.
 */
export function explainShortDay(
  { perDay, used }: SessionsLeft,
  rows: number,
  bound: Bound = 'at least',
): string | null {
  const left = Math.max(0, perDay - used);
  const waiting = rows - left;
  if (waiting <= 0) return null;
  return `SESSIONS_PER_DAY allows ${formatMoreSessions(left)} today, so ${bound} ${formatRows(waiting)} will wait until the day ends; \`kling-sessions gate set --sessions-per-day ${Math.max(perDay, used) + waiting}\` allows all of them.`;
}
