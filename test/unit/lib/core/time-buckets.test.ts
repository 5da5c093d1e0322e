import { describe, expect, test } from 'vitest';
import {
  countSessions,
  firstExpiry,
  oldestPaceBucket,
  paceBucket,
  rowsPerSecond,
  sessionBucket,
} from '../../../../src/lib/core/time-buckets.ts';

const NOW_MS = 1_700_000_000_000;
const HOUR_MS = 3_600_000;

describe('rows per second', () => {
  /** Rows by how many seconds ago they ended. */
  const pace = (rows: [secondsAgo: number, rows: number][]): number =>
    rowsPerSecond(
      new Map(rows.map(([secondsAgo, count]) => [paceBucket(NOW_MS - secondsAgo * 1_000), count])),
      NOW_MS,
    );

  test.each<[sentence: string, rows: [number, number][], perSecond: number]>([
    ['nothing ended', [], 0],
    [
      'a minute of two per second',
      [
        [50, 20],
        [40, 20],
        [30, 20],
        [20, 20],
        [10, 20],
      ],
      2,
    ],
    [
      'a batch that began 20 s ago',
      [
        [20, 40],
        [10, 40],
      ],
      4,
    ],
    ['rows of this moment count over a second at least', [[0, 5]], 5],
    ['what ended more than a minute ago does not count', [[70, 600]], 0],
    ['what another machine says of the future does not count', [[-20, 600]], 0],
  ])('%s', (_sentence, rows, perSecond) => {
    expect(pace(rows)).toBeCloseTo(perSecond, 5);
  });

  test('the oldest bucket that is kept is older than all that count', () => {
    expect(rowsPerSecond(new Map([[oldestPaceBucket(NOW_MS), 60]]), NOW_MS)).toBe(0);
    expect(rowsPerSecond(new Map([[oldestPaceBucket(NOW_MS) + 1, 60]]), NOW_MS)).toBeGreaterThan(0);
  });
});

test.each<[lifeMs: number, alive: number, expiringSoon: number, expired: number]>([
  [24 * HOUR_MS, 1, 0, 0],
  [4.2 * HOUR_MS, 1, 0, 0],
  [3.9 * HOUR_MS, 1, 1, 0],
  [0, 1, 1, 0],
  [-0.2 * HOUR_MS, 0, 0, 1],
])('a session that lives for %d ms', (lifeMs, alive, expiringSoon, expired) => {
  const counts = new Map([[sessionBucket(NOW_MS + lifeMs), 1]]);
  expect(countSessions(counts, NOW_MS)).toEqual({ alive, expiringSoon, expired });
});

test('the first expiry is that of the earliest bucket that still has a session', () => {
  const bucket = sessionBucket(NOW_MS);
  const counts = new Map([
    [bucket + 3, 5],
    [bucket + 1, 2],
    [bucket - 1, 0],
  ]);
  expect(firstExpiry(counts)).toBe((bucket + 1) * 300_000);
  expect(firstExpiry(new Map([[bucket, 0]]))).toBe(null);
});
