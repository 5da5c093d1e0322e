const MS_PER_DAY = 86_400_000;

/** 9999-12-31, the last day that spreadsheets know. */
const MAX_SERIAL = 2_958_466;

/** What a number format displays: a date (with or without a time), a time of day, a duration. */
export type NumberStyle = 'plain' | 'date' | 'time' | 'duration';

/**
 * The formats without a code of their own that show a date or a time (ECMA-376 part 1, 18.8.30); 27 to 36 and 50 to 58
 * do so in East Asian languages.
 */
const STYLE_RANGES = [
  [14, 17, 'date'],
  [18, 21, 'time'],
  [22, 22, 'date'],
  [27, 36, 'date'],
  [45, 45, 'time'],
  [46, 46, 'duration'],
  [47, 47, 'time'],
  [50, 58, 'date'],
] as const;

/** How a number format displays a number. `code` is null for a format without one. */
export function numberStyle(id: number, code: string | null): NumberStyle {
  if (code === null) {
    return STYLE_RANGES.find(([from, to]) => id >= from && id <= to)?.[2] ?? 'plain';
  }
  const bare = code.replace(/"[^"]*"|\[(?!(?:h+|m+|s+)\])[^\]]*\]|[\\_*]./gi, '');
  const [first = ''] = bare.split(';', 1);
  if (/general/i.test(first)) return 'plain';
  if (/\[(?:h+|m+|s+)\]/i.test(first)) return 'duration';
  const letters = first.replace(/am\/pm|a\/p/gi, 'h');
  if (/[yd]/i.test(letters)) return 'date';
  if (/[hs]/i.test(letters)) return 'time';
  return /m/i.test(letters) ? 'date' : 'plain';
}

/**
 * A number in its style, for programs: dates as ISO 8601 without a zone, times as `10:30:00`, durations as
 * `26:30:00`. Null for other numbers. Day 1 is 1900-01-01, or day 0 1904-01-01.
 */
export function showSerial(
  serial: number,
  style: Exclude<NumberStyle, 'plain'>,
  is1904: boolean,
): string | null {
  if (style === 'duration') return showDuration(Math.round(serial * 86_400_000));
  if (!(serial >= 0 && serial < MAX_SERIAL)) return null;
  const ms = Math.round(serial * MS_PER_DAY);
  if (style === 'time') return timeOf(ms % MS_PER_DAY);
  const iso = withoutZone(new Date(epochMs(serial, is1904) + ms));
  if (ms < MS_PER_DAY && !is1904) return iso.slice(11);
  return ms % MS_PER_DAY === 0 ? iso.slice(0, 10) : iso;
}

/** `h:mm:ss`, with as many hours as needed, and milliseconds if there are any. */
export function showDuration(ms: number): string {
  const sign = ms < 0 ? '-' : '';
  const hours = Math.floor(Math.abs(ms) / 3_600_000);
  return `${sign}${hours}${timeOf(Math.abs(ms) % 3_600_000).slice(2)}`;
}

const timeOf = (ms: number): string => withoutZone(new Date(ms)).slice(11);

const withoutZone = (date: Date): string => date.toISOString().replace(/(\.000)?Z$/, '');

/** Spreadsheets count 29 February 1900, which did not exist. */
function epochMs(serial: number, is1904: boolean): number {
  if (is1904) return Date.UTC(1904, 0, 1);
  return Date.UTC(1899, 11, serial < 60 ? 31 : 30);
}
