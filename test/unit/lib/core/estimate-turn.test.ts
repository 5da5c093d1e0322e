import { expect, it } from 'vitest';
import { assumedRowsPerSecond, estimateTurnMs } from '../../../../src/lib/core/estimate-turn.ts';

it.each([
  ['the first row of a batch alone', 1, [], 500],
  ['a later row of a batch alone', 100, [], 50_000],
  ['beside another batch, which gets a row for each of ours', 100, [1_000_000], 100_000],
  ['beside a short batch, which ends meanwhile', 100, [20], 60_000],
  ['beside both', 100, [20, 1_000_000], 110_000],
])('%s ends after so long', (_name, position, othersPending, expected) => {
  expect(estimateTurnMs(position, { rowsPerSecond: 2, othersPending })).toBe(expected);
});

it.each([
  ['concurrency over the time of a call', { concurrency: 5, ratePerSecond: 0 }, 0.5],
  ['the rate where it is lower', { concurrency: 50, ratePerSecond: 2 }, 2],
  ['the concurrency where that is lower', { concurrency: 5, ratePerSecond: 2 }, 0.5],
])('assumes %s', (_name, limits, expected) => {
  expect(assumedRowsPerSecond(limits)).toBe(expected);
});
