import { DateTime } from 'luxon';

/** `{yyyy-MM-dd}`, or `{yyyy-MM-dd, -1d}` for one day earlier. */
const DATE_IN_PATH = /\{([^{}]*)\}/g;
const PARTS = /^([yMdHhmsEo\-_./: ]*[yMdHhmsEo])(?:, ?([+-]\d{1,4})([hdwMy]))?$/;
const UNITS = { h: 'hours', d: 'days', w: 'weeks', M: 'months', y: 'years' } as const;

/** A path or address with every `{…}` replaced by the time in the zone. */
export function fillInDates(path: string, atMs: number, zone: string): string {
  const at = DateTime.fromMillis(atMs, { zone, locale: 'en' });
  return path.replaceAll(DATE_IN_PATH, (whole, inside: string) => {
    const [, format, amount, unit] = PARTS.exec(inside) ?? [];
    if (format === undefined) return whole;
    const moved =
      unit === undefined ? at : at.plus({ [UNITS[unit as keyof typeof UNITS]]: Number(amount) });
    return moved.toFormat(format);
  });
}

/** The first `{…}` that is not a date; null when there is none. */
export function findBadDate(path: string): string | null {
  const bad = [...path.matchAll(DATE_IN_PATH)].find(([, inside = '']) => !PARTS.test(inside));
  return bad?.[0] ?? null;
}
