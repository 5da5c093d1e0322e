import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  type DispatchFacts,
  decideDispatch,
  type Share,
} from '../../../../../src/lib/core/batch/decide-dispatch.ts';

type Case = [sentence: string, facts: [number, number, number], take: number];

const share = (batchId: string, priority = 10, endedPerSecond = 0, served = 0): Share => ({
  batchId,
  priority,
  endedPerSecond,
  served,
});

/** The facts of batch `a`, by default the only one. */
const given = (others: Partial<DispatchFacts> = {}): DispatchFacts => ({
  batchId: 'a',
  underWay: 0,
  aside: 0,
  handedBack: 0,
  atMost: Number.POSITIVE_INFINITY,
  apiConcurrency: 20,
  shares: [share('a')],
  ...others,
});

const facts = ([underWay, apiConcurrency, endedPerSecond]: Case[1]): DispatchFacts =>
  given({ underWay, apiConcurrency, shares: [share('a', 10, endedPerSecond)] });

test.each<Case>([
  ['a fresh batch gets four times the concurrency', [0, 20, 0], 80],
  ['… and no more while those are under way', [80, 20, 0], 0],
  ['… and what is missing to that', [70, 20, 0], 10],
  ['a slow batch keeps four times the concurrency', [0, 20, 1], 80],
  ['a quick batch has five seconds of its work ready', [500, 20, 100], 0],
  ['… and gets one second of it at a time', [0, 20, 100], 100],
  ['… without what is under way', [450, 20, 100], 50],
  ['a part of a row is a row', [0, 1, 4.1], 5],
  ['a window that shrank takes nothing back', [500, 1, 0], 0],
])('%s', (_sentence, numbers, take) => {
  expect(decideDispatch(facts(numbers)).take).toBe(take);
});

test.each<[sentence: string, others: Partial<DispatchFacts>, take: number, nextLookMs: number]>([
  ['do not count into the window', { underWay: 80, aside: 64 }, 64, 100],
  ['count from the thousandth on', { underWay: 1_060, aside: 1_060 }, 20, 250],
  ['are at most those under way', { underWay: 10, aside: 40 }, 80, 100],
])('rows that wait for a server %s', (_sentence, others, take, nextLookMs) => {
  expect(decideDispatch(given(others))).toEqual({ take, nextLookMs });
});

describe('several batches', () => {
  const take = (batchId: string, shares: Share[]): number =>
    decideDispatch(given({ batchId, shares })).take;

  it('several batches share one window by priority', () => {
    const shares = [share('a', 40), share('b', 10)];
    expect([take('a', shares), take('b', shares)]).toEqual([64, 16]);
  });

  it('several batches get the same share, however fast each is', () => {
    const shares = [share('a', 10, 90), share('b', 10, 10)];
    expect([take('a', shares), take('b', shares)]).toEqual([50, 50]);
  });

  it('several batches keep two rows under way each, however many there are', () => {
    const shares = Array.from({ length: 200 }, (_, i) => share(`b${i}`, 100));
    expect(take('a', [share('a', 1), ...shares])).toBe(2);
  });

  it('even out a lead, by at most half a window', () => {
    const ahead = [share('a', 10, 0, 12), share('b', 10, 0, 11)];
    expect([take('a', ahead), take('b', ahead)]).toEqual([35, 40]);
    const farAhead = [share('a', 10, 0, 99), share('b', 10, 0, 0)];
    expect(take('a', farAhead)).toBe(20);
    expect(decideDispatch(given({ batchId: 'b', shares: farAhead, underWay: 40 })).take).toBe(20);
  });

  it('a batch that has made no claim gets no share', () => {
    expect(take('a', [share('b')])).toBe(80);
    expect(take('a', [])).toBe(80);
  });
});

test.each<[sentence: string, others: Partial<DispatchFacts>, take: number]>([
  ['no more than the canary allows', { atMost: 5 }, 5],
  ['nothing while the canary is awaited', { atMost: 0 }, 0],
  ['the window, when the canary allows more', { atMost: 100 }, 80],
])('dispatching hands over %s', (_sentence, others, take) => {
  expect(decideDispatch(given(others)).take).toBe(take);
});

const paced = [share('a', 10, 40)];

test.each<[sentence: string, others: Partial<DispatchFacts>, nextLookMs: number]>([
  ['at once after the first rows', {}, 100],
  ['at once when the window was found nearly empty', { underWay: 49, shares: paced }, 100],
  ['soon when less than three quarters of it are left', { underWay: 149, shares: paced }, 250],
  ['once a second while they are', { underWay: 150, shares: paced }, 1_000],
  ['soon while some have gone and the pace is unknown', { underWay: 79 }, 250],
  ['once a second while nothing moves', { underWay: 80 }, 1_000],
  ['once a second when nothing is left to hand over', { atMost: 0 }, 1_000],
  ['once a second while rows handed back may stand at a shut gate', { handedBack: 9 }, 1_000],
])('dispatching looks again %s', (_sentence, others, nextLookMs) => {
  expect(decideDispatch(given(others)).nextLookMs).toBe(nextLookMs);
});

it('dispatching never lets the slots of the API run empty nor runs far ahead', () => {
  const anyFacts = fc.record({
    underWay: fc.nat(100_000),
    apiConcurrency: fc.integer({ min: 1, max: 1_000 }),
    endedPerSecond: fc.double({ min: 0, max: 10_000, noNaN: true }),
  });
  fc.assert(
    fc.property(anyFacts, ({ underWay, apiConcurrency, endedPerSecond }) => {
      const { take } = decideDispatch(facts([underWay, apiConcurrency, endedPerSecond]));
      const least = 4 * apiConcurrency;
      const most = Math.ceil(Math.max(least, 5 * endedPerSecond));
      expect(underWay + take).toBeGreaterThanOrEqual(least);
      expect(take === 0 || underWay + take <= most).toBe(true);
    }),
  );
});
