const LONGEST_WAIT_MS = 3_600_000;

/** The three date forms of RFC 9110, 5.6.7, all of which begin with a weekday. */
const HTTP_DATE = /^(mon|tue|wed|thu|fri|sat|sun)[a-z]*,? /i;

/**
 * How long `Retry-After` (RFC 9110, 10.2.3) asks to wait, in ms from `nowMs`, between 0 and one hour. A time in the
 * past means now. The upper bound keeps an error of the API from stopping the work for a day. Null when the value is
 * neither seconds nor a date. *
 * @param date the answer's own `Date`. A date in `Retry-After` is compared with it, because the server's clock may be
 * minutes off, and the difference of the two is the wait that it means. If it is missing or unreadable, `nowMs` is
 * used.
 */
export function readRetryAfter(value: string, date: string | null, nowMs: number): number | null {
  const text = value.trim();
  const waitMs = /^-?\d+(\.\d+)?$/.test(text)
    ? Number(text) * 1000
    : momentOf(text) - sentAtMs(date, nowMs);
  if (Number.isNaN(waitMs)) return null;
  return Math.round(Math.min(Math.max(waitMs, 0), LONGEST_WAIT_MS));
}

function sentAtMs(date: string | null, nowMs: number): number {
  const sentMs = date === null ? Number.NaN : momentOf(date.trim());
  return Number.isNaN(sentMs) ? nowMs : sentMs;
}

/** In ms since 1970; NaN when it is not an HTTP date. */
function momentOf(text: string): number {
  // Without this test, Date.parse reads "soon 1" as a date in 2001.
  if (!HTTP_DATE.test(text)) return Number.NaN;
  // The oldest of the three forms names no zone, but it means GMT, too.
  return Date.parse(/gmt$/i.test(text) ? text : `${text} GMT`);
}
