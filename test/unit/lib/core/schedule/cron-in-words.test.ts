import { expect, test } from 'vitest';
import { cronInWords } from '../../../../../src/lib/core/schedule/cron-in-words.ts';
import { findTimingProblem } from '../../../../../src/lib/core/schedule/planned-times.ts';

test.each([
  ['0 2 * * *', 'At 02:00, every day'],
  ['@daily', 'At 00:00, every day'],
  ['0 0 2 * * *', 'At 02:00, every day'],
  ['30 6,18 * * 1-5', 'At 06:30 and 18:30, Monday through Friday'],
  ['0 2 * * 7', 'At 02:00, only on Sunday'],
  ['*/15 8-18 * * 1-5', 'Every 15 minutes, between 08:00 and 18:59, Monday through Friday'],
  ['0 3 1 * 1', 'At 03:00, on day 1 of the month, and on Monday'],
  ['0 3 L * *', 'At 03:00, on the last day of the month'],
  ['0 2 * * 1#2', 'At 02:00, on the second Monday of the month'],
  ['30 0 2 * * *', 'At 02:00:30, every day'],
])('the expression %s is usable, and means "%s"', (cron, words) => {
  expect(findTimingProblem({ cron, zone: 'UTC' }, 0)).toBeNull();
  expect(cronInWords(cron)).toBe(words);
});

test.each(['', 'night', '0 25 * * *'])('the expression "%s" has no words', (cron) => {
  expect(cronInWords(cron)).toBeNull();
});
