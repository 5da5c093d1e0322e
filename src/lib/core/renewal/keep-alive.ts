import { DateTime } from 'luxon';
import { dateInZone, isTimeOfDay, nextTimeOfDay } from '../batch/daily-window.ts';

/** Until when the sessions of a batch are renewed shortly before they expire. */
export interface KeepAlive {
  untilMs: number;
  /** IANA name; the zone in which that time is shown. */
  zone: string;
}

/** The farthest end, counted from now. */
export const LONGEST_KEEP_ALIVE_MS = 30 * 86_400_000;

/** An ISO 8601 date or time, with or without an offset; a space may replace the `T`. */
const ISO_TIME =
  /^\d{4}-\d{2}-\d{2}(?:[T ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?(Z|[+-]\d{2}(:?\d{2})?)?)?$/i;

/** Whether a text is a time of day, `18:00`, or an ISO 8601 date or time that exists. */
export const isEndOfKeepAlive = (text: string): boolean =>
  isTimeOfDay(text) || (ISO_TIME.test(text) && isoTime(text, 'UTC').isValid);

/**
 * The moment that such a text means: a time of day is the next one in the zone, and a date without a time its first
 * moment there. `zone` is called unless the text names its own offset.
 * @throws what `zone` throws.
 */
export function keepAliveUntil(text: string, zone: () => string, nowMs: number): KeepAlive {
  if (isTimeOfDay(text)) {
    const name = zone();
    return { untilMs: nextTimeOfDay(text, name, nowMs), zone: name };
  }
  const hasOffset = /\d(Z|[+-]\d{2}(:?\d{2})?)$/i.test(text.slice('yyyy-MM-dd'.length));
  const name = hasOffset ? 'UTC' : zone();
  return { untilMs: isoTime(text, name).toMillis(), zone: name };
}

const isoTime = (text: string, zone: string): DateTime =>
  DateTime.fromISO(text.replace(' ', 'T'), { zone });

/** Why that end cannot be used, as a sentence; null when it can. */
export function findKeepAliveProblem({ untilMs }: KeepAlive, nowMs: number): string | null {
  if (untilMs <= nowMs) return 'That time has passed.';
  return untilMs > nowMs + LONGEST_KEEP_ALIVE_MS
    ? 'Sessions can be kept alive for at most 30 days from now.'
    : null;
}

/** `2026-12-01 18:00 (Asia/Taipei)`. It is also read on later days, as in a history, so it always has the date. */
export const describeEnd = ({ untilMs, zone }: KeepAlive): string =>
  `${dateInZone(untilMs, zone)} (${zone})`;
