import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  findTimingProblem,
  nextTime,
  plannedTimes,
  timesBetween,
} from '../../../../../src/lib/core/schedule/planned-times.ts';

function times(cron: string, zone: string, after: string, count: number): string[] {
  const planned = plannedTimes({ cron, zone }, Date.parse(after));
  return Array.from({ length: count }, () => planned.next().value).map((timeMs) =>
    new Date(timeMs).toISOString().replace(':00.000Z', 'Z'),
  );
}

test('planned times use the clocks of the zone', () => {
  expect(times('0 2 * * *', 'Asia/Taipei', '2026-11-24T12:00Z', 2)).toEqual([
    '2026-11-24T18:00Z',
    '2026-11-25T18:00Z',
  ]);
});

describe('when the clocks jump forward', () => {
  test.each([
    // New York, 2026-03-08, 02:00 becomes 03:00 (07:00 UTC).
    [
      'America/New_York',
      '30 2 * * *',
      '2026-03-08T05:00Z',
      ['2026-03-08T07:00Z', '2026-03-09T06:30Z'],
    ],
    [
      'America/New_York',
      '0,20,40 2 * * *',
      '2026-03-08T05:00Z',
      ['2026-03-08T07:00Z', '2026-03-09T06:00Z'],
    ],
    [
      'America/New_York',
      '30 2,3 * * *',
      '2026-03-08T05:00Z',
      ['2026-03-08T07:00Z', '2026-03-08T07:30Z'],
    ],
    [
      'America/New_York',
      '0 2,3 * * *',
      '2026-03-08T05:00Z',
      ['2026-03-08T07:00Z', '2026-03-09T06:00Z'],
    ],
    [
      'America/New_York',
      '*/30 * * * *',
      '2026-03-08T06:10Z',
      ['2026-03-08T06:30Z', '2026-03-08T07:00Z', '2026-03-08T07:30Z'],
    ],
    // Berlin, 2026-03-29, 02:00 becomes 03:00 (01:00 UTC).
    [
      'Europe/Berlin',
      '15 2 * * *',
      '2026-03-28T12:00Z',
      ['2026-03-29T01:00Z', '2026-03-30T00:15Z'],
    ],
    [
      'Europe/Berlin',
      '15 2 29 3 *',
      '2026-03-28T12:00Z',
      ['2026-03-29T01:00Z', '2027-03-29T00:15Z'],
    ],
    // Lord Howe, 2026-10-04, 02:00 becomes 02:30 (15:30 UTC the day before).
    [
      'Australia/Lord_Howe',
      '15 2 * * *',
      '2026-10-03T12:00Z',
      ['2026-10-03T15:30Z', '2026-10-04T15:15Z'],
    ],
    // Samoa had no 2011-12-30.
    [
      'Pacific/Apia',
      '0 2 30 12 *',
      '2011-12-29T12:00Z',
      ['2011-12-30T10:00Z', '2012-12-29T12:00Z'],
    ],
  ])(
    'a time that does not exist when the clocks jump forward runs once, at the next minute that does: %s, "%s"',
    (zone, cron, after, expected) => {
      expect(times(cron, zone, after, expected.length)).toEqual(expected);
    },
  );
});

describe('when the clocks jump back', () => {
  test.each([
    // New York, 2026-11-01, 02:00 becomes 01:00 (06:00 UTC).
    [
      'America/New_York',
      '30 1 * * *',
      '2026-11-01T00:00Z',
      ['2026-11-01T05:30Z', '2026-11-02T06:30Z'],
    ],
    [
      'America/New_York',
      '0 1,2 * * *',
      '2026-11-01T00:00Z',
      ['2026-11-01T05:00Z', '2026-11-01T07:00Z'],
    ],
    // Berlin, 2026-10-25, 03:00 becomes 02:00 (01:00 UTC).
    [
      'Europe/Berlin',
      '30 2 * * *',
      '2026-10-24T12:00Z',
      ['2026-10-25T00:30Z', '2026-10-26T01:30Z'],
    ],
    ['Europe/Berlin', '0 3 * * *', '2026-10-24T12:00Z', ['2026-10-25T02:00Z', '2026-10-26T02:00Z']],
    // Lord Howe, 2026-04-05, 02:00 becomes 01:30 (15:00 UTC the day before).
    [
      'Australia/Lord_Howe',
      '45 1 * * *',
      '2026-04-04T12:00Z',
      ['2026-04-04T14:45Z', '2026-04-05T15:15Z'],
    ],
  ])(
    'a time that exists twice runs once, the first time: %s, "%s"',
    (zone, cron, after, expected) => {
      expect(times(cron, zone, after, expected.length)).toEqual(expected);
    },
  );

  test('a schedule does not run again if asked within the second pass', () => {
    expect(times('30 1 * * *', 'America/New_York', '2026-11-01T06:10Z', 1)).toEqual([
      '2026-11-02T06:30Z',
    ]);
  });

  test.each([
    [
      'America/New_York',
      '*/30 * * * *',
      '2026-11-01T05:10Z',
      ['2026-11-01T05:30Z', '2026-11-01T06:00Z', '2026-11-01T06:30Z', '2026-11-01T07:00Z'],
    ],
    [
      'Australia/Lord_Howe',
      '*/15 * * * *',
      '2026-04-04T14:40Z',
      ['2026-04-04T14:45Z', '2026-04-04T15:00Z', '2026-04-04T15:15Z', '2026-04-04T15:30Z'],
    ],
  ])(
    'a schedule that runs every hour does not pause for one: %s, "%s"',
    (zone, cron, after, expected) => {
      expect(times(cron, zone, after, expected.length)).toEqual(expected);
    },
  );
});

test('every next time is later, whatever the zone, the hour and the moment', () => {
  const zones = ['America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe', 'Asia/Taipei', 'UTC'];
  const field = (max: number): fc.Arbitrary<string> =>
    fc.oneof(fc.constant('*'), fc.integer({ min: 0, max }).map(String));
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      field(59),
      field(23),
      fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2028, 0) }),
      (zone, minute, hour, afterMs) => {
        const timing = { cron: `${minute} ${hour} * * *`, zone };
        const firstMs = nextTime(timing, afterMs);
        expect(firstMs).toBeGreaterThan(afterMs);
        expect(firstMs - afterMs).toBeLessThanOrEqual(25 * 3_600_000);
        // Asked at any moment before it, the answer is the same.
        expect(nextTime(timing, afterMs + Math.floor((firstMs - afterMs) / 2) - 1)).toBe(firstMs);
      },
    ),
    { numRuns: 300 },
  );
});

test('planned times keep only the latest of a long absence', () => {
  const from = Date.parse('2026-01-01T00:00Z');
  const found = timesBetween({ cron: '0 * * * *', zone: 'UTC' }, from, from + 86_400_000, 3);
  expect(found.map((timeMs) => (timeMs - from) / 3_600_000)).toEqual([22, 23, 24]);
});

test('planned times of a long absence are computed only as far as needed', () => {
  const until = Date.parse('2026-01-01T00:00Z');
  const timing = { cron: '* * * * * *', zone: 'UTC' };
  const found = timesBetween(timing, Date.parse('2020-01-01T00:00Z'), until, 100);
  expect(found).toHaveLength(100);
  expect(found.at(-1)).toBe(until);
});

test.each([
  ['0 2 * * *', 'Mars/Olympus', /not a time zone/],
  ['', 'UTC', /empty/],
  ['0 25 * * *', 'UTC', /not a usable cron expression/],
  ['every night', 'UTC', /has 2 of five fields/],
  ['0 2 * *', 'UTC', /has 4 of five fields/],
  ['0 2 30 2 *', 'UTC', /not a usable cron expression/],
  ['H 2 * * *', 'UTC', /H is not supported/],
])('the times "%s" in %s are refused', (cron, zone, problem) => {
  expect(findTimingProblem({ cron, zone }, 0)).toMatch(problem);
});

test.each(['0 2 * * *', '*/10 * * * * *', '0 2 * * MON-FRI', '@daily', '0 2 L * *'])(
  'the expression "%s" is taken',
  (cron) => {
    expect(findTimingProblem({ cron, zone: 'Europe/Berlin' }, 0)).toBeNull();
  },
);
