import { expect, it } from 'vitest';
import { createDayEnds } from '../../../../../src/lib/core/budget/session-day.ts';

const at = (iso: string): number => Date.parse(iso);

it.each([
  ['UTC', 'an ordinary day', '2026-11-29T23:59:59.999Z', '2026-11-30T00:00Z', '2026-12-01T00:00Z'],
  [
    'UTC',
    'midnight belongs to the new day',
    '2026-11-30T00:00Z',
    '2026-12-01T00:00Z',
    '2026-12-02T00:00Z',
  ],
  ['Asia/Taipei', 'another zone', '2026-11-29T15:59Z', '2026-11-29T16:00Z', '2026-11-30T16:00Z'],
  [
    'Europe/Berlin',
    'a day of 23 hours',
    '2026-03-28T23:30Z',
    '2026-03-29T22:00Z',
    '2026-03-30T22:00Z',
  ],
  [
    'Europe/Berlin',
    'a day of 25 hours',
    '2026-10-24T22:30Z',
    '2026-10-25T23:00Z',
    '2026-10-26T23:00Z',
  ],
  [
    'Africa/Cairo',
    'a day whose midnight is skipped',
    '2026-04-23T12:00Z',
    '2026-04-23T22:00Z',
    '2026-04-24T21:00Z',
  ],
])('a day ends at the midnight of %s: %s', (zone, _, now, end, next) => {
  expect(createDayEnds(zone)(at(now))).toEqual([at(end), at(next)]);
});

it('the end of a day is known for later days, too', () => {
  const dayEnds = createDayEnds('UTC');
  expect(dayEnds(at('2026-11-29T12:00Z'))[0]).toBe(at('2026-11-30T00:00Z'));
  expect(dayEnds(at('2026-11-29T13:00Z'))[0]).toBe(at('2026-11-30T00:00Z'));
  expect(dayEnds(at('2026-11-30T00:00Z'))[0]).toBe(at('2026-12-01T00:00Z'));
});
