const ISO_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

/**
 * An ISO 8601 date or time in milliseconds since 1970; null for anything else. The default zone is UTC, the default
 * time midnight. A space may replace the `T` (RFC 3339).
 */
export function parseIsoTime(text: string): number | null {
  const match = ISO_TIME.exec(text);
  if (!match) return null;
  const [, year, month, day, hour, minute, second] = match.map(Number);
  const clock = { hour: hour || 0, minute: minute || 0, second: second || 0 };
  if (clock.hour > 23 || clock.minute > 59 || clock.second > 59) return null;
  const dayMs = Date.UTC(Number(year), Number(month) - 1, Number(day));
  const isRealDay = new Date(dayMs).toISOString().startsWith(text.slice(0, 10));
  const offsetMs = parseOffsetMs(match[8]);
  if (!isRealDay || offsetMs === null) return null;
  const fractionMs = Math.floor(Number(`0.${match[7] ?? '0'}`) * 1000);
  const clockMs = ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1000 + fractionMs;
  return dayMs + clockMs - offsetMs;
}

function parseOffsetMs(zone: string | undefined): number | null {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (hours > 23 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
