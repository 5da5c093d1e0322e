import fc from 'fast-check';
import { expect, it, test } from 'vitest';
import { type DispatchFacts, decideDispatch } from '../../../../src/lib/core/decide-dispatch.ts';

type Case = [sentence: string, facts: [number, number, number], take: number];

const facts = ([underWay, apiConcurrency, endedPerSecond]: [
  number,
  number,
  number,
]): DispatchFacts => ({
  batchId: 'a',
  underWay,
  apiConcurrency,
  shares: [{ batchId: 'a', priority: 10, endedPerSecond }],
});

test.each<Case>([
  ['a fresh batch gets four times the concurrency', [0, 20, 0], 80],
  ['… and no more while those are under way', [80, 20, 0], 0],
  ['… and what is missing to that', [70, 20, 0], 10],
  ['a slow batch keeps four times the concurrency', [0, 20, 1], 80],
  ['a quick batch gets five seconds of its work', [0, 20, 100], 500],
  ['… without what is under way', [450, 20, 100], 50],
  ['a part of a row is a row', [0, 1, 1.1], 6],
  ['a window that shrank takes nothing back', [500, 1, 0], 0],
])('%s', (_sentence, given, take) => {
  expect(decideDispatch(facts(given)).take).toBe(take);
});

test.each<[sentence: string, facts: [number, number, number], nextLookMs: number]>([
  ['looks again at once after the first rows', [0, 20, 0], 100],
  ['looks rarely while nothing moves', [80, 20, 0], 1_000],
  ['looks once a second while rows end', [500, 20, 40], 1_000],
  ['… also when they end quickly', [0, 1, 10_000], 1_000],
  ['… and slowly', [80, 20, 1], 1_000],
])('%s', (_sentence, given, nextLookMs) => {
  expect(decideDispatch(facts(given)).nextLookMs).toBe(nextLookMs);
});

it('never lets the slots of the API run dry nor runs far ahead', () => {
  const anyFacts = fc.record({
    underWay: fc.nat(100_000),
    apiConcurrency: fc.integer({ min: 1, max: 1_000 }),
    endedPerSecond: fc.double({ min: 0, max: 10_000, noNaN: true }),
  });
  fc.assert(
    fc.property(anyFacts, (given) => {
      const { take, nextLookMs } = decideDispatch(
        facts([given.underWay, given.apiConcurrency, given.endedPerSecond]),
      );
      const least = 4 * given.apiConcurrency;
      const most = Math.ceil(Math.max(least, 5 * given.endedPerSecond));
      expect(given.underWay + take).toBeGreaterThanOrEqual(least);
      expect(take === 0 || given.underWay + take <= most).toBe(true);
      expect(nextLookMs).toBeGreaterThanOrEqual(100);
      expect(nextLookMs).toBeLessThanOrEqual(1_000);
    }),
  );
});
