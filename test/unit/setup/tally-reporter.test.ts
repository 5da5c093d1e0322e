import { expect, it } from 'vitest';
import { formatTally, settleTally } from '../../setup/tally-reporter.ts';

it('the tally prints how many passed, failed and were skipped', () => {
  expect(formatTally({ passed: 12, failed: 1, skipped: 3 })).toBe('12 passed, 1 failed, 3 skipped');
});

it.each([
  ['a good run', 0, 0, 0],
  ['a failed test', 2, 1, 2],
  ['a bad end without a failed test', 0, 1, 1],
])('the tally counts the failures of %s', (_run, failed, exitCode, expected) => {
  expect(settleTally({ passed: 5, failed, skipped: 0 }, exitCode).failed).toBe(expected);
});
