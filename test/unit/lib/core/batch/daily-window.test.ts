import { describe, expect, test } from 'vitest';
import {
  type DailyWindow,
  endWithinWindow,
  isTimeZone,
  nextTimeOfDay,
  phaseOfWindow,
  timeInZone,
} from '../../../../../src/lib/core/batch/daily-window.ts';

const ms = (text: string): number => Date.parse(text);
const iso = (atMs: number): string => new Date(atMs).toISOString().slice(0, 16);

const night: DailyWindow = { from: '22:00', to: '06:00', zone: 'Asia/Taipei' };
const noon: DailyWindow = { from: '12:00', to: '13:30', zone: 'Asia/Taipei' };
const newYork: DailyWindow = { from: '02:30', to: '05:00', zone: 'America/New_York' };
const berlin: DailyWindow = { from: '22:00', to: '02:30', zone: 'Europe/Berlin' };
const gap: DailyWindow = { from: '02:00', to: '03:00', zone: 'Europe/Berlin' };

describe('phaseOfWindow', () => {
  test.each<[string, DailyWindow, string, boolean, string, string]>([
    // Taipei is eight hours ahead of UTC all year.
    [
      'opens on the minute',
      night,
      '2026-11-25T14:00Z',
      true,
      '2026-11-25T14:00',
      '2026-11-25T22:00',
    ],
    [
      'shut a moment before',
      night,
      '2026-11-25T13:59:59.999Z',
      false,
      '2026-11-24T22:00',
      '2026-11-25T14:00',
    ],
    [
      'continues past midnight',
      night,
      '2026-11-25T16:30Z',
      true,
      '2026-11-25T14:00',
      '2026-11-25T22:00',
    ],
    [
      'shuts on the minute',
      night,
      '2026-11-25T22:00Z',
      false,
      '2026-11-25T22:00',
      '2026-11-26T14:00',
    ],
    ['within one day', noon, '2026-11-25T05:00Z', true, '2026-11-25T04:00', '2026-11-25T05:30'],
    [
      'before it on that day',
      noon,
      '2026-11-25T03:00Z',
      false,
      '2026-11-24T05:30',
      '2026-11-25T04:00',
    ],
    [
      'after it on that day',
      noon,
      '2026-11-25T06:00Z',
      false,
      '2026-11-25T05:30',
      '2026-11-26T04:00',
    ],
    // New York, 8 March 2026: 02:00 to 03:00 does not exist. 1 November: 01:00 to 02:00 exists twice.
    [
      'a beginning that is jumped over is the next minute',
      newYork,
      '2026-03-08T07:00Z',
      true,
      '2026-03-08T07:00',
      '2026-03-08T09:00',
    ],
    [
      'not a moment before it',
      newYork,
      '2026-03-08T06:59Z',
      false,
      '2026-03-07T10:00',
      '2026-03-08T07:00',
    ],
    // Berlin, 29 March 2026: 02:00 to 03:00 does not exist. 25 October: it exists twice.
    [
      'an end that is jumped over is the next minute',
      berlin,
      '2026-03-29T00:30Z',
      true,
      '2026-03-28T21:00',
      '2026-03-29T01:00',
    ],
    [
      'an end that comes twice is the first',
      berlin,
      '2026-10-25T00:29Z',
      true,
      '2026-10-24T20:00',
      '2026-10-25T00:30',
    ],
    [
      'and stays shut at the second',
      berlin,
      '2026-10-25T01:10Z',
      false,
      '2026-10-25T00:30',
      '2026-10-25T21:00',
    ],
    [
      'if it is skipped completely, there is none that day',
      gap,
      '2026-03-29T01:30Z',
      false,
      '2026-03-28T02:00',
      '2026-03-30T00:00',
    ],
  ])('%s', (_, window, now, isInside, since, until) => {
    const phase = phaseOfWindow(window, ms(now));
    expect({ ...phase, sinceMs: iso(phase.sinceMs), untilMs: iso(phase.untilMs) }).toEqual({
      isInside,
      sinceMs: since,
      untilMs: until,
    });
  });

  test.each([night, noon, newYork, berlin, gap])(
    'phaseOfWindow leaves no moment of a spring out: $from to $to in $zone',
    (window) => {
      let atMs = ms('2026-03-01T00:00Z');
      let changes = 0;
      for (; atMs < ms('2026-04-01T00:00Z'); changes += 1) {
        const phase = phaseOfWindow(window, atMs);
        const last = phaseOfWindow(window, phase.untilMs - 1);
        expect(last).toEqual(phase);
        expect(phase.untilMs).toBeGreaterThan(atMs);
        expect(phaseOfWindow(window, phase.untilMs)).toMatchObject({
          isInside: !phase.isInside,
          sinceMs: phase.untilMs,
        });
        atMs = phase.untilMs;
      }
      // The window that the clock jumps over misses its day.
      expect(changes).toBe(window === gap ? 61 : 63);
    },
  );
});

describe('endWithinWindow', () => {
  const hours = (count: number): number => count * 3_600_000;

  test.each<[string, DailyWindow, string, number, string]>([
    ['work that fits', night, '2026-11-25T15:00Z', hours(2), '2026-11-25T17:00'],
    ['work that fills it', night, '2026-11-25T14:00Z', hours(8), '2026-11-25T22:00'],
    [
      'work that continues the next night',
      night,
      '2026-11-25T14:00Z',
      hours(9),
      '2026-11-26T15:00',
    ],
    ['work that begins outside', night, '2026-11-25T06:00Z', hours(1), '2026-11-25T15:00'],
    ['work of three nights', night, '2026-11-25T21:00Z', hours(10), '2026-11-27T15:00'],
  ])('%s', (_, window, now, workMs, end) => {
    expect(iso(endWithinWindow(window, ms(now), workMs))).toBe(end);
  });

  test('endWithinWindow has an end for work of any length', () => {
    const end = endWithinWindow(noon, ms('2026-11-25T00:00Z'), Number.POSITIVE_INFINITY);
    expect(end).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('nextTimeOfDay', () => {
  test.each([
    ['later today', '06:00', 'Asia/Taipei', '2026-11-25T18:00Z', '2026-11-25T22:00'],
    ['tomorrow, when it is now', '06:00', 'Asia/Taipei', '2026-11-25T22:00Z', '2026-11-26T22:00'],
    ['the first of two', '01:30', 'America/New_York', '2026-11-01T04:00Z', '2026-11-01T05:30'],
    [
      'not again at the second',
      '01:30',
      'America/New_York',
      '2026-11-01T05:45Z',
      '2026-11-02T06:30',
    ],
    [
      'the next minute if it is skipped',
      '02:30',
      'America/New_York',
      '2026-03-08T05:00Z',
      '2026-03-08T07:00',
    ],
    ['midnight if it is skipped', '00:00', 'Africa/Cairo', '2026-04-23T20:00Z', '2026-04-23T22:00'],
  ])('%s', (_, time, zone, after, expected) => {
    expect(iso(nextTimeOfDay(time, zone, ms(after)))).toBe(expected);
  });
});

test('zones are recognised by their names', () => {
  expect(['UTC', 'Asia/Taipei', 'Asia/Taipeh', ''].map(isTimeZone)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('a time is shown with its date unless it is today', () => {
  const at = ms('2026-11-25T22:00Z');
  expect(timeInZone(at, 'Asia/Taipei', ms('2026-11-25T17:00Z'))).toBe('06:00');
  expect(timeInZone(at, 'Asia/Taipei', ms('2026-11-25T15:00Z'))).toBe('2026-11-26 06:00');
});
