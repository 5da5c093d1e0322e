import { describe, expect, test } from 'vitest';
import {
  LATENCY_BOUNDS_MS,
  latencyClass,
  latencyQuantileMs,
  noActivity,
} from '../../../../src/lib/core/activity.ts';

test.each([
  ['nothing at all', 0, 0],
  ['just a bound', 100, 0],
  ['just above it', 101, 1],
  ['beyond the last bound', 120_001, LATENCY_BOUNDS_MS.length],
])('%s is counted in its class', (_, durationMs, expected) => {
  expect(latencyClass(durationMs)).toBe(expected);
});

describe('quantiles', () => {
  const quantile = (durations: number[], share: number): number | null => {
    const activity = noActivity();
    for (const durationMs of durations) {
      const at = latencyClass(durationMs);
      activity.latencies[at] = (activity.latencies[at] ?? 0) + 1;
    }
    return latencyQuantileMs(activity, share);
  };

  test.each<[sentence: string, durations: number[], share: number, expected: number | null]>([
    ['no calls have none', [], 0.5, null],
    ['the middle of one class', [250, 250], 0.5, 250],
    ['half fast and half slow: the median is the end of the fast ones', [150, 5_000], 0.5, 200],
    ['the slow tail', [...Array(95).fill(150), ...Array(5).fill(5_000)], 0.95, 200],
    ['beyond the last bound is that bound', [500_000], 0.95, 120_000],
    ['a gap between classes', [50, 5_000], 0.75, 5_000],
  ])('%s', (_, durations, share, expected) => {
    expect(quantile(durations, share)).toBe(expected);
  });
});
