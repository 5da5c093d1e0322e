import { describe, expect, it, test } from 'vitest';
import { recentClosings, tryNow } from '../../../../../src/lib/core/gate/decide-gate.ts';
import { currentConcurrency } from '../../../../../src/lib/core/gate/gate.ts';
import { failure, GateStory, MINUTE_MS, SECOND_MS } from './gate-story.ts';

const throttled = (retryAfterMs: number | null = null) => failure('throttled', { retryAfterMs });

/** The concurrency after throttling and sitting it out so many times. */
function throttleOften(story: GateStory, times: number): void {
  for (let i = 0; i < times; i += 1) {
    story.sitOut();
    story.call(throttled());
  }
}

const concurrencyOf = ({ gate, policy }: GateStory): number => currentConcurrency(gate, policy);

describe('pause after throttling', () => {
  test.each<[times: number, seconds: number]>([
    [1, 10],
    [2, 20],
    [3, 40],
    [4, 80],
    [5, 120],
    [6, 120],
  ])('after %i times without a success between is %i s', (times, seconds) => {
    const story = new GateStory();
    throttleOften(story, times);
    expect(story.pauseMs).toBe(seconds * SECOND_MS);
  });

  test.each<[sentence: string, retryAfterS: number | null, random: number, pauseMs: number]>([
    ['is 10 s when the API does not say', null, 0, 10_000],
    ['has up to a fifth of jitter', null, 0.999_999, 12_000],
    ['is what the API asks for', 7, 0, 7_000],
    ['is never shorter than that, and hardly longer', 7, 0.999_999, 7_250],
    ['is longer than two minutes if the API says so', 3_600, 0, 3_600_000],
    ['is a second when the API says 0', 0, 0, 1_000],
  ])('%s', (_sentence, retryAfterS, random, pauseMs) => {
    const story = new GateStory();
    story.random = random;
    story.call(throttled(retryAfterS === null ? null : retryAfterS * SECOND_MS));
    expect(story.pauseMs).toBeCloseTo(pauseMs, 0);
  });

  it('the pause after throttling starts at 10 s again after a success', () => {
    const story = new GateStory();
    throttleOften(story, 3);
    story.sitOut();
    story.call(null);
    story.call(throttled());
    expect(story.pauseMs).toBe(10_000);
  });

  it('the pause after throttling lets no call through before its end, and every call after it', () => {
    const story = new GateStory();
    story.call(throttled());
    story.pass(9_999);
    expect(story.ask()).toEqual({ kind: 'wait', untilMs: 10_000 });
    story.pass(1);
    expect(story.begins(5).some(({ isTrialCall }) => isTrialCall)).toBe(false);
  });

  it('the pause after throttling ends with one call first if the API throttled again without a success', () => {
    const story = new GateStory();
    throttleOften(story, 2);
    story.sitOut();
    const ahead = story.begin();
    expect(ahead.isTrialCall).toBe(true);
    expect(story.ask().kind).toBe('wait');
    story.end(ahead, null);
    expect(story.begins(5)).toHaveLength(5);
  });
});

describe('answers to calls older than the closing', () => {
  test.each<[sentence: string, wishesS: (number | null)[], pauseS: number]>([
    ['the longest wish wins when it comes last', [5, 7, 30], 30],
    ['… and when it comes first', [30, 7, 5], 30],
    ['… over a pause of our own', [null, 60], 60],
    ['an answer without a wish prolongs nothing', [5, null, null], 5],
    ['a shorter wish shortens nothing', [null, 2], 10],
  ])('%s', (_sentence, wishesS, pauseS) => {
    const story = new GateStory();
    const passes = story.begins(wishesS.length);
    passes.forEach((pass, index) => {
      const wishS = wishesS[index] ?? null;
      story.end(pass, throttled(wishS === null ? null : wishS * SECOND_MS));
    });
    expect(story.pauseMs).toBe(pauseS * SECOND_MS);
  });

  it('answers to calls older than the closing count as one closing', () => {
    const story = new GateStory();
    for (const pass of story.begins(10)) story.end(pass, throttled());
    expect(story.gate).toMatchObject({ generation: 1, recentClosingsMs: [0], reducedLimit: 14 });
  });

  it('answers to calls older than the closing do not close a gate that has opened since', () => {
    const story = new GateStory();
    const [quick, slow] = story.begins(2);
    if (quick) story.end(quick, throttled());
    story.sitOut();
    story.begin();
    if (slow) story.end(slow, throttled(60_000));
    expect(story.ask().kind).toBe('pass');
  });

  it('answers to calls older than the closing prolong the wait even while a trial call by `gate open` is under way', () => {
    const story = new GateStory();
    const [quick, slow] = story.begins(2);
    if (quick) story.end(quick, throttled());
    story.gate = tryNow(story.gate, story.nowMs);
    const ahead = story.begin();
    if (slow) story.end(slow, throttled(5 * MINUTE_MS));
    story.end(ahead, failure('server'));
    expect(story.pauseMs).toBe(5 * MINUTE_MS);
  });

  it('answers to calls older than the closing leave the pause of the next closing unchanged if they are successes', () => {
    const story = new GateStory();
    const [first, second] = story.begins(2);
    if (first) story.end(first, throttled());
    if (second) story.end(second, null);
    story.sitOut();
    story.call(throttled());
    expect(story.pauseMs).toBe(20_000);
  });
});

describe('closings of the last hour', () => {
  it('the closings of the last hour are remembered, older ones are dropped', () => {
    const story = new GateStory();
    story.call(throttled());
    story.pass(30 * MINUTE_MS);
    story.call(null);
    story.call(throttled());
    expect(recentClosings(story.gate, story.nowMs)).toEqual([0, 30 * MINUTE_MS]);
    expect(recentClosings(story.gate, 60 * MINUTE_MS)).toEqual([30 * MINUTE_MS]);
  });

  it('the closings of the last hour are at most sixty, the latest', () => {
    const story = new GateStory();
    for (let i = 0; i < 100; i += 1) {
      story.call(throttled(1_000));
      story.sitOut();
      story.call(null);
    }
    expect(story.gate.recentClosingsMs).toHaveLength(60);
    expect(story.gate.recentClosingsMs.at(-1)).toBe(99_000);
  });
});

describe('adaptive concurrency', () => {
  test.each<[configured: number, closings: number, left: number]>([
    [20, 0, 20],
    [20, 1, 14],
    [20, 2, 9],
    [20, 3, 6],
    [20, 20, 1],
    [2, 1, 1],
    [1, 1, 1],
  ])('the concurrency of %i is, after %i closings, %i', (concurrency, closings, left) => {
    const story = new GateStory({ concurrency, throttleLimitMs: 24 * 60 * MINUTE_MS });
    throttleOften(story, closings);
    expect(concurrencyOf(story)).toBe(left);
  });

  test.each<[cleanAnswers: number, now: number]>([
    [24, 14],
    [25, 15],
    [49, 15],
    [50, 16],
    [149, 19],
    [150, 20],
    [1_000, 20],
  ])('adaptive concurrency grows from 14 by %i clean answers to %i', (cleanAnswers, now) => {
    const story = new GateStory();
    throttleOften(story, 1);
    story.sitOut();
    story.calls(cleanAnswers, null);
    expect(concurrencyOf(story)).toBe(now);
  });

  it('adaptive concurrency counts a refusal of a row as a clean answer', () => {
    const story = new GateStory();
    throttleOften(story, 1);
    story.sitOut();
    story.calls(25, failure('refused'));
    expect(concurrencyOf(story)).toBe(15);
  });

  it('adaptive concurrency counts no answer to a call older than the closing', () => {
    const story = new GateStory();
    const passes = story.begins(30);
    story.call(throttled());
    for (const pass of passes) story.end(pass, null);
    expect(story.gate.cleanAnswers).toBe(0);
  });

  it('adaptive concurrency restarts its count with every closing', () => {
    const story = new GateStory();
    throttleOften(story, 1);
    story.sitOut();
    story.calls(24, null);
    story.call(throttled());
    story.sitOut();
    story.calls(24, null);
    expect(concurrencyOf(story)).toBe(9);
  });

  it('adaptive concurrency ends once it reaches the configured limit', () => {
    const story = new GateStory();
    throttleOften(story, 1);
    story.sitOut();
    story.calls(150, null);
    expect(story.gate.reducedLimit).toBeNull();
  });

  it('adaptive concurrency never exceeds a configured limit that was lowered meanwhile', () => {
    const story = new GateStory();
    throttleOften(story, 1);
    expect(
      currentConcurrency(story.gate, { concurrency: 5, ratePerSecond: 0, sessionsPerDay: 0 }),
    ).toBe(5);
  });
});

describe('throttling without end', () => {
  /** Throttles whenever the gate lets a call through, until so long after the first time. */
  function throttleFor(story: GateStory, durationMs: number): void {
    while (story.nowMs <= durationMs && story.gate.mode !== 'blocked') {
      story.call(throttled());
      story.sitOut();
    }
  }

  it('throttling that does not stop blocks the gate after 15 minutes', () => {
    const story = new GateStory();
    throttleFor(story, 60 * MINUTE_MS);
    expect(story.gate).toMatchObject({ mode: 'blocked', needsTrialCall: true });
    expect(story.gate.sinceMs).toBeGreaterThanOrEqual(15 * MINUTE_MS);
    expect(story.gate.sinceMs).toBeLessThan(18 * MINUTE_MS);
  });

  it('only closes it before that', () => {
    const story = new GateStory();
    throttleFor(story, 14 * MINUTE_MS);
    expect(story.gate.mode).toBe('closed');
  });

  it.each([
    ['a success', null],
    ['a refusal', failure('refused')],
  ])('the time of throttling starts again after %s', (_what, answer) => {
    const story = new GateStory();
    throttleFor(story, 12 * MINUTE_MS);
    story.call(answer);
    story.pass(10 * MINUTE_MS);
    story.call(throttled());
    expect(story.gate.mode).toBe('closed');
  });

  it('throttling is not interrupted by a failure of another kind', () => {
    const story = new GateStory();
    throttleFor(story, 12 * MINUTE_MS);
    story.call(failure('server'));
    story.pass(5 * MINUTE_MS);
    story.call(throttled());
    expect(story.gate.mode).toBe('blocked');
  });
});
