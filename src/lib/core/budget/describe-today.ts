import { formatCount, formatSessions } from '../in-words.ts';
import type { SessionsToday } from './session-day.ts';

/** `Today: 312 of 500 sessions used.` `perDay`: 0 is no limit. */
export const describeToday = ({ used }: Pick<SessionsToday, 'used'>, perDay: number): string =>
  perDay === 0
    ? `Today: ${formatSessions(used)}, no limit per day.`
    : `Today: ${formatCount(used)} of ${formatSessions(perDay)}.`;
