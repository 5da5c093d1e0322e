const MS_PER_DAY = 86_400_000;

/** 9999-12-31, the last day that spreadsheets know. */
const MAX_SERIAL = 2_958_466;

/**
 * The formats without a code of their own that show a date or a time (ECMA-376 part 1, 18.8.30); 27 to 36 and 50 to 58 do so in
 * East Asian languages. 46 is a duration.
 */
const DATE_FORMAT_RANGES = [
  [14, 22],
  [27, 36],
  [45, 45],
  [47, 47],
  [50, 58],
] as const;

/** Whether a number format shows a number as a date or a time. `code` is null for a format without one. */
export function isDateFormat(id: number, code: string | null): boolean {
  if (code === null) return DATE_FORMAT_RANGES.some(([from, to]) => id >= from && id <= to);
  if (/\[(h+|m+|s+)\]/i.test(code)) return false;
  const bare = code.replace(/"[^"]*"|\[[^\]]*\]|[\\_*]./g, '');
  return /[ymdhs]/i.test(bare.split(';', 1)[0] ?? '') && !/general/i.test(bare);
}

/**
 * A serial date as ISO 8601 without a zone: a whole day as a date, less than one day as a time, anything else as both. Null
 * when it is no date. Day 1 is 1900-01-01, or day 0 1904-01-01.
 */
export function serialToIso(serial: number, is1904: boolean): string | null {
  if (!(serial >= 0 && serial < MAX_SERIAL)) return null;
  const ms = Math.round(serial * MS_PER_DAY);
  const iso = new Date(epochMs(serial, is1904) + ms).toISOString().replace(/(\.000)?Z$/, '');
  if (ms < MS_PER_DAY && !is1904) return iso.slice(11);
  return ms % MS_PER_DAY === 0 ? iso.slice(0, 10) : iso;
}

/** Spreadsheets count a 29 February 1900, which there was not. */
function epochMs(serial: number, is1904: boolean): number {
  if (is1904) return Date.UTC(1904, 0, 1);
  return Date.UTC(1899, 11, serial < 60 ? 31 : 30);
}
