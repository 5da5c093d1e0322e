import { DateTime } from 'luxon';

/** `{yyyy-MM-dd}`, and `{yyyy-MM-dd, -1d}` for a day earlier. */
const DATE_IN_PATH = /\{([^{}]*)\}/g;
const PARTS = /^([yMdHhmsEo\-_./: ]*[yMdHhmsEo])(?:, ?([+-]\d{1,4})([hdwMy]))?$/;
const UNITS = { h: 'hours', d: 'days', w: 'weeks', M: 'months', y: 'years' } as const;

/** A path or address with every `{…}` filled in, by the clocks of the zone at that moment. */
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

/** The first `{…}` that is no date; null when there is none. */
export function findBadDate(path: string): string | null {
  const bad = [...path.matchAll(DATE_IN_PATH)].find(([, inside = '']) => !PARTS.test(inside));
  return bad?.[0] ?? null;
}
