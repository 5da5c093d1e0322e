import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { failure, GateStory } from './gate-story.ts';

const RATES = [1, 2, 3, 7.5, 20, 50, 200];
const DURATION_MS = 20_000;

/** The most calls that began within any 1000 ms, the last one excluded. */
function busiestSecond(startsMs: number[]): number {
  let most = 0;
  let first = 0;
  startsMs.forEach((startMs, index) => {
    while ((startsMs[first] ?? 0) <= startMs - 1_000) first += 1;
    most = Math.max(most, index - first + 1);
  });
  return most;
}

/** When calls begin, if a caller asks after each of these waits, repeatedly, for 20 s. */
function startsOf(story: GateStory, waitsMs: number[]): number[] {
  const startsMs: number[] = [];
  for (let turn = 0; story.nowMs < DURATION_MS; turn += 1) {
    if (story.ask().kind === 'pass') startsMs.push(story.nowMs);
    story.pass(waitsMs[turn % waitsMs.length] ?? 1);
  }
  return startsMs;
}

/** When calls start if callers queue and each asks again exactly when allowed, up to `latenessMs` late. */
function eagerStarts(story: GateStory, latenessMs: () => number): number[] {
  const startsMs: number[] = [];
  while (story.nowMs < DURATION_MS) {
    const entry = story.ask();
    if (entry.kind === 'pass') startsMs.push(story.nowMs);
    else story.pass(Math.ceil(entry.untilMs - story.nowMs) + latenessMs());
  }
  return startsMs;
}

const mostAllowed = (ratePerSecond: number): number => Math.floor(1.1 * ratePerSecond);

describe.each(RATES)('at %d calls a second', (ratePerSecond) => {
  it('no 1000 ms have more than 1.1 times as many calls, whenever rows ask', () => {
    const waitsMs = fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(waitsMs, fc.nat(999), (waits, late) => {
        const story = new GateStory({ ratePerSecond });
        const startsMs = startsOf(story, [...waits, 1 + late]);
        expect(busiestSecond(startsMs)).toBeLessThanOrEqual(mostAllowed(ratePerSecond));
      }),
      { numRuns: 60 },
    );
  });

  it('no 1000 ms have more after silence, an outage and a trial call', () => {
    const story = new GateStory({ ratePerSecond, throttleLimitMs: 1_000 });
    const startsMs: number[] = [];
    while (story.nowMs < 4 * DURATION_MS) {
      const entry = story.ask();
      if (entry.kind === 'wait') {
        story.pass(Math.ceil(entry.untilMs - story.nowMs));
        continue;
      }
      startsMs.push(story.nowMs);
      const isBad = startsMs.length % 50 < 3;
      story.end(entry, isBad ? failure('throttled') : null);
      if (startsMs.length % 17 === 0) story.pass(3_000);
    }
    expect(busiestSecond(startsMs)).toBeLessThanOrEqual(mostAllowed(ratePerSecond));
  });

  it('eager callers get at least 90 % of the rate', () => {
    const startsMs = eagerStarts(new GateStory({ ratePerSecond }), () => 0);
    expect(startsMs.length).toBeGreaterThanOrEqual(0.9 * ratePerSecond * (DURATION_MS / 1_000));
  });

  it('eager callers get at least 90 % of the rate even if their timers are up to 5 ms late', () => {
    let turn = 0;
    const startsMs = eagerStarts(new GateStory({ ratePerSecond }), () => turn++ % 6);
    expect(startsMs.length).toBeGreaterThanOrEqual(0.9 * ratePerSecond * (DURATION_MS / 1_000));
  });
});

test('every call goes through at once without a rate', () => {
  expect(new GateStory({ ratePerSecond: 0 }).begins(1_000)).toHaveLength(1_000);
});

test('idle time is not saved up', () => {
  const story = new GateStory({ ratePerSecond: 20 });
  story.pass(60_000);
  story.begin();
  expect(story.ask().kind).toBe('wait');
});

test('a wait says when the next call may start', () => {
  const story = new GateStory({ ratePerSecond: 1 });
  story.pass(60_000);
  story.begin();
  const entry = story.ask();
  expect(entry.kind === 'wait' && entry.untilMs - 60_000).toBeCloseTo(1_090, 0);
});

test.each([1, 2, 5, 10, 50])(
  'calls at %d a second may be up to 80 ms late on their way',
  (rate) => {
    const startsMs = eagerStarts(new GateStory({ ratePerSecond: rate }), () => 0);
    const arrivalsMs = startsMs.map((startMs, index) => startMs + (index % 2 === 0 ? 80 : 0));
    expect(busiestSecond(arrivalsMs.sort((a, b) => a - b))).toBeLessThanOrEqual(mostAllowed(rate));
  },
);
