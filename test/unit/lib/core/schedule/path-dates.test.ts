import { describe, expect, test } from 'vitest';
import { fillInDates, findBadDate } from '../../../../../src/lib/core/schedule/path-dates.ts';

/** 02:05 of November 26 in Taipei, and still the 25th in UTC. */
const AT = Date.parse('2026-11-25T18:05:09Z');

describe('fillInDates', () => {
  test.each([
    ['/srv/{yyyy-MM-dd}.csv', '/srv/2026-11-26.csv'],
    ['/srv/{yyyy}/{MM}/{dd}-*.csv', '/srv/2026/11/26-*.csv'],
    ['/srv/{yyyyMMdd_HHmmss}.csv', '/srv/20261126_020509.csv'],
    ['{yyyy-MM-dd, -1d}', '2026-11-25'],
    ['{yyyy-MM-dd,-1d}', '2026-11-25'],
    ['{yyyy-MM-dd HH, -3h}', '2026-11-25 23'],
    ['{yyyy-MM, -1M}', '2026-10'],
    ['{yyyy-MM-dd, +1w}', '2026-12-03'],
    ['{yyyy, -1y}', '2025'],
    ["{EEE}, whatever the machine's language", "Thu, whatever the machine's language"],
    ['https://x.example/{yyyy-MM-dd}.csv?sig={}', 'https://x.example/2026-11-26.csv?sig={}'],
    ['/srv/{a,b}/clips.csv', '/srv/{a,b}/clips.csv'],
    ['/srv/clips.csv', '/srv/clips.csv'],
  ])('the path %s becomes %s', (path, expected) => {
    expect(fillInDates(path, AT, 'Asia/Taipei')).toBe(expected);
  });

  test('the day is that of the zone', () => {
    expect(fillInDates('{yyyy-MM-dd}', AT, 'UTC')).toBe('2026-11-25');
  });

  test('a day earlier is the previous day even if clocks change', () => {
    const afterTheChange = Date.parse('2026-10-25T23:30:00Z');
    expect(fillInDates('{yyyy-MM-dd HH:mm, -1d}', afterTheChange, 'Europe/Berlin')).toBe(
      '2026-10-25 00:30',
    );
  });
});

describe('findBadDate', () => {
  test.each([
    ['{yyyy-MM-dd}/{HH}.csv', null],
    ['no date at all', null],
    ['{yyyy-MM-dd, -1d}', null],
    ['{}.csv', '{}'],
    ['{yyyy-MM-dd, 1d}', '{yyyy-MM-dd, 1d}'],
    ['{yyyy-MM-dd, -1x}', '{yyyy-MM-dd, -1x}'],
    ['{yyyy}/{date}.csv', '{date}'],
    ['{yyyy-}', '{yyyy-}'],
    ["{yyyy'x'}", "{yyyy'x'}"],
  ])('the bad date of the path %s is %s', (path, expected) => {
    expect(findBadDate(path)).toBe(expected);
  });
});
