import { expect, test } from 'vitest';
import { placeCounts } from '../../../../src/dashboard/parts/counts-bar.ts';
import type { RowCounts } from '../../../../src/lib/core/batch/batch.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../../../src/lib/core/row/row.ts';

const NONE = Object.fromEntries(
  [...OUTCOME_STATUSES, ...PENDING_STATES].map((name) => [name, 0]),
) as RowCounts;

test.each<[string, Partial<RowCounts>]>([
  ['one kind', { succeeded: 3 }],
  ['one failure among a million', { succeeded: 999_999, failed: 1 }],
  ['a little of everything', Object.fromEntries(Object.keys(NONE).map((name) => [name, 7]))],
  ['a million that wait', { waiting: 1_000_000, invalid: 2, duplicate: 1 }],
])('the bar of %s is full, without gaps, and shows each', (_, some) => {
  const placed = placeCounts({ ...NONE, ...some });
  expect(placed.map(({ name }) => name).toSorted()).toEqual(Object.keys(some).toSorted());
  let end = 0;
  for (const { x, width } of placed) {
    expect(x).toBeCloseTo(end);
    expect(width).toBeGreaterThanOrEqual(6);
    end = x + width;
  }
  expect(end).toBeCloseTo(1_000);
});

test('the bar of no rows is empty', () => {
  expect(placeCounts(NONE)).toEqual([]);
});
