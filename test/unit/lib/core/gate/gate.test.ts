import { describe, expect, it, test } from 'vitest';
import { type GateLimits, strictest } from '../../../../../src/lib/core/gate/gate.ts';

const limits = (concurrency: number, ratePerSecond: number, sessionsPerDay = 0): GateLimits => ({
  concurrency,
  ratePerSecond,
  sessionsPerDay,
});

describe('limits of workers that were started with different limits', () => {
  test.each<[what: string, all: GateLimits[], expected: GateLimits]>([
    ['one worker’s are its own', [limits(5, 2)], limits(5, 2)],
    ['the least of each counts', [limits(5, 20), limits(8, 2)], limits(5, 2)],
    ['0 is no rate, not the least', [limits(5, 0), limits(8, 2)], limits(5, 2)],
    ['0 is no limit per day', [limits(5, 0), limits(5, 0, 90), limits(5, 0, 80)], limits(5, 0, 80)],
    ['no worker asks for a rate', [limits(5, 0), limits(8, 0)], limits(5, 0)],
  ])('%s', (_what, all, expected) => {
    expect(strictest(all)).toEqual(expected);
  });

  it('the limits of workers are unknown while there is no worker', () => {
    expect(strictest([])).toBeNull();
  });
});
