import { expect, test } from 'vitest';
import { secondsLeftOf } from '../../../../src/lib/batch/batch-status.ts';
import type { RowCounts } from '../../../../src/lib/core/batch/batch.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../../../src/lib/core/row/row.ts';

const NONE = Object.fromEntries(
  [...PENDING_STATES, ...OUTCOME_STATUSES].map((name) => [name, 0]),
) as RowCounts;

test.each<
  [what: string, waiting: number, pace: number, standstill: string | null, left: number | null]
>([
  ['moves', 90, 3, null, 30],
  ['has no pace yet', 90, 0, null, null],
  ['has ended', 0, 3, null, null],
  ['stood still just now, and moved a minute ago', 90, 3, 'Paused.', null],
])('the time left of a batch that %s', (_what, waiting, pace, standstill, left) => {
  expect(secondsLeftOf({ counts: { ...NONE, waiting } }, pace, standstill)).toBe(left);
});
