import { expect, test } from 'vitest';
import type { BatchStatusView } from '../../../../src/dashboard/api/api-schemas.ts';
import { progressWords } from '../../../../src/dashboard/parts/batch-words.ts';
import type { RowCounts } from '../../../../src/lib/core/batch/batch.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../../../src/lib/core/row/row.ts';

const NONE = Object.fromEntries(
  [...PENDING_STATES, ...OUTCOME_STATUSES].map((name) => [name, 0]),
) as RowCounts;

const words = (counts: Partial<RowCounts>, standstill: string | null): string =>
  progressWords({
    batch: { rows: 5_000, counts: { ...NONE, ...counts } } as BatchStatusView['batch'],
    rowsPerSecond: 8.25,
    secondsLeft: 460,
    standstill,
  });

test.each<[what: string, counts: Partial<RowCounts>, standstill: string | null, words: string]>([
  [
    'moves',
    { succeeded: 1_200, waiting: 3_800 },
    null,
    '1,200 of 5,000 · 8.3 rows/s · ~8 min left',
  ],
  ['stands still', { succeeded: 1_200, waiting: 3_800 }, 'Blocked.', '1,200 of 5,000'],
  ['has ended', { succeeded: 5_000 }, null, '5,000 of 5,000'],
])('what is said of a batch that %s', (_, counts, standstill, expected) =>
  expect(words(counts, standstill)).toBe(expected),
);
