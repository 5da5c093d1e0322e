import { expect, it } from 'vitest';
import {
  assumedRowsPerSecond,
  estimateTurnMs,
} from '../../../../../src/lib/core/gate/estimate-turn.ts';

const LONG = { pending: 1_000_000, priority: 10 };
const SHORT = { pending: 20, priority: 10 };
const URGENT = { pending: 1_000_000, priority: 20 };

it.each([
  ['the first row of a batch alone', 1, [], 500],
  ['a later row of a batch alone', 100, [], 50_000],
  ['beside another batch, which gets a row for each of ours', 100, [LONG], 100_000],
  ['beside one of twice the priority, which gets two', 100, [URGENT], 150_000],
  ['beside a short batch, which ends before', 100, [SHORT], 60_000],
  ['beside several', 100, [SHORT, LONG], 110_000],
])('the turn of a row ends after so long: %s', (_name, position, others, expected) => {
  expect(estimateTurnMs(position, { rowsPerSecond: 2, priority: 10, others })).toBe(expected);
});

it.each([
  [
    'concurrency over the time of a call',
    { concurrency: 5, ratePerSecond: 0, sessionsPerDay: 0 },
    0.5,
  ],
  ['the rate if it is lower', { concurrency: 50, ratePerSecond: 2, sessionsPerDay: 0 }, 2],
  ['the concurrency if it is lower', { concurrency: 5, ratePerSecond: 2, sessionsPerDay: 0 }, 0.5],
])('an estimate assumes %s', (_name, limits, expected) => {
  expect(assumedRowsPerSecond(limits)).toBe(expected);
});
