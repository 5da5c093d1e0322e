import { describe, expect, it, test } from 'vitest';
import type { ApiFailure } from '../../../../../src/lib/core/answer/api-failure.ts';
import {
  renewTrialCall,
  setLimits,
  TRIAL_CALL_LEASE_MS,
  tryNow,
} from '../../../../../src/lib/core/gate/decide-gate.ts';
import { openTimeMs } from '../../../../../src/lib/core/gate/gate.ts';
import { failure, GateStory, MINUTE_MS, type Pass, SECOND_MS } from './gate-story.ts';

const usedUp = failure('account', { code: '1102', message: 'used up' });
const wrongUrl = failure('misconfigured', { code: 'redirect', message: 'moved' });

/** A gate that was blocked at 0, with the next trial call at 1 min. */
function blocked(answer: ApiFailure = usedUp): GateStory {
  const story = new GateStory();
  story.call(answer);
  return story;
}

/** … with its trial call under way since 1 min. */
function withTrialCall(answer?: ApiFailure): { story: GateStory; trialCall: Pass } {
  const story = blocked(answer);
  story.sitOut();
  return { story, trialCall: story.begin() };
}

describe('a gate is blocked by', () => {
  test.each<[sentence: string, answer: ApiFailure, mode: string]>([
    ['an account answer', usedUp, 'blocked'],
    ['a wrong base URL', wrongUrl, 'blocked'],
    ['throttling: no', failure('throttled'), 'closed'],
    ['a refusal: no', failure('refused'), 'open'],
    ['one server error: no', failure('server'), 'open'],
    ['an unconfirmed call: no', failure('unconfirmed'), 'open'],
  ])('%s', (_sentence, answer, mode) => {
    expect(blocked(answer).gate.mode).toBe(mode);
  });

  it('an account answer while it is closed', () => {
    const story = new GateStory();
    const [first, second] = story.begins(2);
    if (first) story.end(first, failure('throttled'));
    if (second) story.end(second, usedUp);
    expect(story.gate).toMatchObject({ mode: 'blocked', cause: { code: '1102' } });
  });

  it('many such answers once, at the first', () => {
    const story = new GateStory();
    const [first, ...others] = story.begins(20);
    if (first) story.end(first, usedUp);
    const after = story.gate;
    for (const pass of others) story.end(pass, usedUp);
    expect(story.gate).toBe(after);
  });

  it('no answer to a call that is older than the trial call that opened it', () => {
    const story = new GateStory();
    const [quick, slow] = story.begins(2);
    if (quick) story.end(quick, usedUp);
    story.sitOut();
    story.call(null);
    if (slow) story.end(slow, usedUp);
    expect(story.gate.mode).toBe('open');
  });
});

describe('pause before a trial call', () => {
  test.each<[failedCanaries: number, minutes: number]>([
    [0, 1],
    [1, 2],
    [2, 4],
    [3, 8],
    [4, 15],
    [5, 15],
  ])('after %i that failed is %i min', (failedCanaries, minutes) => {
    const story = blocked();
    for (let i = 0; i < failedCanaries; i += 1) {
      story.sitOut();
      story.call(usedUp);
    }
    expect(story.pauseMs).toBe(minutes * MINUTE_MS);
  });

  it('the pause before a trial call starts with GATE_PAUSE', () => {
    const story = new GateStory({ blockedPauseMs: 7 * SECOND_MS });
    story.call(usedUp);
    expect(story.pauseMs).toBe(7 * SECOND_MS);
  });

  it('the pause before a trial call starts with GATE_PAUSE again after a success', () => {
    const { story, trialCall } = withTrialCall();
    story.end(trialCall, null);
    story.call(usedUp);
    expect(story.pauseMs).toBe(MINUTE_MS);
  });

  it("the pause before a trial call is not shorter than the API's request when it was closed before", () => {
    const story = new GateStory();
    const [first, second] = story.begins(2);
    if (first) story.end(first, failure('throttled', { retryAfterMs: 5 * MINUTE_MS }));
    if (second) story.end(second, usedUp);
    expect(story.pauseMs).toBe(5 * MINUTE_MS);
  });

  it("the pause before a trial call is not shorter than the API's request to a trial call", () => {
    const { story, trialCall } = withTrialCall();
    story.end(trialCall, failure('throttled', { retryAfterMs: 30 * MINUTE_MS }));
    expect(story.pauseMs).toBe(30 * MINUTE_MS);
  });
});

describe('trial call', () => {
  it('a trial call starts when the pause is over, and not before', () => {
    const story = blocked();
    story.pass(MINUTE_MS - 1);
    expect(story.ask()).toEqual({ kind: 'wait', untilMs: MINUTE_MS });
    story.pass(1);
    expect(story.begin().isTrialCall).toBe(true);
  });

  it('a trial call goes alone', () => {
    const { story } = withTrialCall();
    expect(story.ask()).toEqual({ kind: 'wait', untilMs: story.nowMs + TRIAL_CALL_LEASE_MS });
  });

  it('a trial call keeps its place while it is renewed', () => {
    const { story, trialCall } = withTrialCall();
    for (let i = 0; i < 10; i += 1) {
      story.pass(TRIAL_CALL_LEASE_MS - 1);
      story.gate = renewTrialCall(story.gate, trialCall.generation, story.nowMs);
      expect(story.ask().kind).toBe('wait');
    }
  });

  it('a trial call loses its place 15 s after its worker died', () => {
    const { story } = withTrialCall();
    story.pass(TRIAL_CALL_LEASE_MS - 1);
    expect(story.ask().kind).toBe('wait');
    story.pass(1);
    expect(story.begin().isTrialCall).toBe(true);
    expect(TRIAL_CALL_LEASE_MS).toBe(15_000);
  });

  it('a trial call is not renewed after the gate moved on', () => {
    const { story, trialCall } = withTrialCall();
    story.end(trialCall, usedUp);
    expect(renewTrialCall(story.gate, trialCall.generation, story.nowMs)).toBe(story.gate);
  });

  it.each([
    ['a success', null],
    ['a refusal of its row', failure('refused')],
  ])('a trial call opens the gate at once by %s', (_what, answer) => {
    const { story, trialCall } = withTrialCall();
    story.end(trialCall, answer);
    expect(story.gate).toMatchObject({
      mode: 'open',
      cause: null,
      pauseMs: 0,
      needsTrialCall: false,
    });
    expect(story.begins(20).some(({ isTrialCall }) => isTrialCall)).toBe(false);
  });

  test.each<[sentence: string, answer: ApiFailure, cause: string]>([
    ['the same trouble keeps it blocked', usedUp, '1102'],
    ['another account trouble is the new cause', failure('account', { code: '1103' }), '1103'],
    ['so is a wrong base URL', wrongUrl, 'redirect'],
    ['so is throttling', failure('throttled', { code: '1302' }), '1302'],
    ['a server error says nothing new', failure('server', { code: '5000' }), '1102'],
    ['silence says nothing new', failure('unconfirmed', { code: 'timeout' }), '1102'],
  ])('%s', (_sentence, answer, code) => {
    const { story, trialCall } = withTrialCall();
    story.end(trialCall, answer);
    expect(story.gate).toMatchObject({ mode: 'blocked', sinceMs: 0, cause: { code } });
    expect(story.pauseMs).toBe(2 * MINUTE_MS);
  });

  it('a trial call is not mistaken for an answer to a call older than the blocking', () => {
    const story = new GateStory();
    const [first, second] = story.begins(2);
    if (first) story.end(first, usedUp);
    if (second) story.end(second, null);
    expect(story.gate).toMatchObject({ mode: 'blocked', pauseMs: MINUTE_MS });
  });

  it("a trial call that lost its place and fails late does not lengthen its successor's pause", () => {
    const { story, trialCall } = withTrialCall();
    story.pass(TRIAL_CALL_LEASE_MS);
    story.call(usedUp);
    const after = story.gate;
    story.end(trialCall, usedUp);
    expect(story.gate).toBe(after);
  });

  it.each([failure('server'), failure('unconfirmed')])(
    'a trial call that lost its place does not close what its successor opened',
    (answer) => {
      const { story, trialCall } = withTrialCall();
      story.pass(TRIAL_CALL_LEASE_MS);
      story.call(null);
      story.end(trialCall, answer);
      expect(story.gate.mode).toBe('open');
    },
  );
});

describe('gate open', () => {
  it('gate open starts a trial call at once when blocked', () => {
    const story = blocked();
    story.gate = tryNow(story.gate, story.nowMs);
    expect(story.begin().isTrialCall).toBe(true);
    expect(story.ask().kind).toBe('wait');
  });

  it('gate open starts a trial call at once when closed, even for the first time', () => {
    const story = blocked(failure('throttled', { retryAfterMs: 10 * MINUTE_MS }));
    story.gate = tryNow(story.gate, story.nowMs);
    expect(story.begin().isTrialCall).toBe(true);
    expect(story.ask().kind).toBe('wait');
  });

  it('gate open starts no second trial call while one is under way', () => {
    const { story } = withTrialCall();
    story.gate = tryNow(story.gate, story.nowMs);
    expect(story.ask().kind).toBe('wait');
  });

  it('gate open changes nothing at an open gate', () => {
    const { gate } = new GateStory();
    expect(tryNow(gate, 5)).toBe(gate);
  });
});

describe('gate set', () => {
  const reduced = (): GateStory => {
    const story = new GateStory({ ratePerSecond: 1 });
    story.call(failure('throttled'));
    return story;
  };

  it('gate set keeps limits that are not named', () => {
    const once = setLimits(reduced().gate, { concurrency: 5 });
    const twice = setLimits(once, { ratePerSecond: 2 });
    expect(twice.overrides).toEqual({ concurrency: 5, ratePerSecond: 2, sessionsPerDay: null });
  });

  it("gate set returns to the environment's limits by null", () => {
    const once = setLimits(reduced().gate, { concurrency: 5 });
    expect(setLimits(once, { concurrency: null }).overrides.concurrency).toBeNull();
  });

  it('gate set ends the reduction if the concurrency is new', () => {
    expect(setLimits(reduced().gate, { concurrency: 5 }).reducedLimit).toBeNull();
  });

  it('gate set keeps the reduction if only the rate is new', () => {
    expect(setLimits(reduced().gate, { ratePerSecond: 5 }).reducedLimit).toBe(14);
  });

  it('gate set makes no call wait for the end of a slower rate', () => {
    const story = new GateStory({ ratePerSecond: 0.01 });
    story.begin();
    story.gate = setLimits(story.gate, { ratePerSecond: 50 });
    expect(story.ask().kind).toBe('pass');
  });

  it('gate set lets no call through early if only the concurrency is new', () => {
    const story = new GateStory({ ratePerSecond: 1 });
    story.begin();
    story.gate = setLimits(story.gate, { concurrency: 5 });
    expect(story.ask().kind).toBe('wait');
  });
});

describe('open time', () => {
  it('the open time stops while the gate is blocked', () => {
    const story = new GateStory();
    story.pass(5_000);
    story.call(usedUp);
    story.pass(MINUTE_MS);
    expect(openTimeMs(story.gate, story.nowMs)).toBe(5_000);
    story.call(null);
    story.pass(3_000);
    expect(openTimeMs(story.gate, story.nowMs)).toBe(8_000);
  });
});
