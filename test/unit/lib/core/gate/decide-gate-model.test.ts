import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ApiFailure } from '../../../../../src/lib/core/answer/api-failure.ts';
import {
  renewTrialCall,
  TRIAL_CALL_LEASE_MS,
  tryNow,
} from '../../../../../src/lib/core/gate/decide-gate.ts';
import { currentConcurrency, openTimeMs } from '../../../../../src/lib/core/gate/gate.ts';
import { failure, GateStory, MINUTE_MS, type Pass } from './gate-story.ts';

/** What happens next. `pick` chooses among the calls under way. */
type Step =
  | { kind: 'ask' }
  | { kind: 'answer'; pick: number; answer: ApiFailure | null; rowId: string }
  | { kind: 'worker_dies'; pick: number }
  | { kind: 'pass'; ms: number }
  | { kind: 'gate_open' };

const answers = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  {
    weight: 5,
    arbitrary: fc
      .record({
        kind: fc.constantFrom(
          'refused' as const,
          'throttled' as const,
          'account' as const,
          'misconfigured' as const,
          'server' as const,
          'unconfirmed' as const,
        ),
        retryAfterMs: fc.option(fc.integer({ min: 0, max: 3_600_000 })),
      })
      .map(({ kind, retryAfterMs }) => failure(kind, { retryAfterMs })),
  },
);

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Step>({ kind: 'ask' }) },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('answer' as const),
        pick: fc.nat(20),
        answer: answers,
        rowId: fc.nat(30).map((n) => `row-${n}`),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('worker_dies' as const), pick: fc.nat(20) }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('pass' as const),
        ms: fc.oneof(fc.nat(50), fc.nat(20_000), fc.nat(20 * MINUTE_MS)),
      }),
    },
    { weight: 1, arbitrary: fc.constant<Step>({ kind: 'gate_open' }) },
  ),
  { maxLength: 150 },
);

/**
 * Plays steps against a gate and checks after each what must always be true. Living trial calls renew their place.
 */
class Play {
  readonly story: GateStory;
  readonly underWay: Pass[] = [];
  #trialCall: { pass: Pass; heldUntilMs: number } | null = null;
  #openMs = 0;

  constructor(ratePerSecond: number) {
    this.story = new GateStory({ ratePerSecond });
  }

  do(step: Step): void {
    switch (step.kind) {
      case 'ask':
        this.#ask();
        break;
      case 'answer':
        this.#answer(step.pick, step.answer, step.rowId);
        break;
      case 'worker_dies':
        this.#take(step.pick);
        break;
      case 'pass':
        this.pass(step.ms);
        break;
      case 'gate_open':
        this.story.gate = tryNow(this.story.gate, this.story.nowMs);
    }
  }

  #ask(): void {
    const { story } = this;
    const { mode, untilMs, needsTrialCall } = story.gate;
    const entry = story.ask();
    if (entry.kind === 'wait') {
      expect(entry.untilMs).toBeGreaterThan(story.nowMs);
      return;
    }
    if (mode !== 'open') expect(story.nowMs).toBeGreaterThanOrEqual(untilMs ?? 0);
    expect(entry.isTrialCall).toBe(mode !== 'open' && needsTrialCall);
    if (mode === 'blocked') expect(entry.isTrialCall).toBe(true);
    if (entry.isTrialCall) this.#sendTrialCall(entry);
    this.underWay.push(entry);
  }

  // A live trial call that no later answer has overruled must be the only one.
  #sendTrialCall(pass: Pass): void {
    const { nowMs } = this.story;
    const isHeld = this.#trialCall !== null && this.#trialCall.pass.generation === pass.generation;
    if (isHeld) expect(this.#trialCall?.heldUntilMs).toBeLessThanOrEqual(nowMs);
    this.#trialCall = { pass, heldUntilMs: nowMs + TRIAL_CALL_LEASE_MS };
  }

  #answer(pick: number, answer: ApiFailure | null, rowId: string): void {
    const pass = this.#take(pick);
    if (pass === undefined) return;
    const { story } = this;
    const closings = story.gate.generation;
    story.end(pass, answer, rowId);
    const isGood = answer === null || answer.kind === 'refused';
    if (isGood) expect(story.gate.generation).toBe(closings);
    if (isGood && pass.isTrialCall) expect(story.gate.mode).toBe('open');
    if (this.#trialCall?.pass === pass) this.#trialCall = null;
  }

  #take(pick: number): Pass | undefined {
    const index = pick % Math.max(1, this.underWay.length);
    return this.underWay.splice(index, 1)[0];
  }

  /** Time passes in steps short enough for a live trial call to renew its place in each. */
  pass(ms: number): void {
    const { story } = this;
    for (let left = ms; left > 0; left -= TRIAL_CALL_LEASE_MS / 3) {
      story.pass(Math.min(left, TRIAL_CALL_LEASE_MS / 3));
      this.#renew();
    }
  }

  #renew(): void {
    const { story } = this;
    const trialCall = this.#trialCall;
    if (trialCall === null || !this.underWay.includes(trialCall.pass)) return;
    story.gate = renewTrialCall(story.gate, trialCall.pass.generation, story.nowMs);
    trialCall.heldUntilMs = story.nowMs + TRIAL_CALL_LEASE_MS;
  }

  checkAlways(): void {
    const { gate, policy, nowMs } = this.story;
    const openMs = openTimeMs(gate, nowMs);
    expect(openMs).toBeGreaterThanOrEqual(this.#openMs);
    expect(openMs).toBeLessThanOrEqual(nowMs);
    this.#openMs = openMs;
    expect(currentConcurrency(gate, policy)).toBeGreaterThanOrEqual(1);
    expect(currentConcurrency(gate, policy)).toBeLessThanOrEqual(policy.concurrency);
    expect(gate.recentClosingsMs.length).toBeLessThanOrEqual(60);
    expect(gate.failingRows.length).toBeLessThanOrEqual(10);
    expect(gate.mode === 'open').toBe(gate.untilMs === null);
    if (gate.mode === 'blocked') expect(gate.needsTrialCall).toBe(true);
    // An hour is the most that the API can ask for; a quarter of a second is jitter.
    if (gate.untilMs !== null) expect(gate.untilMs - nowMs).toBeLessThanOrEqual(3_600_250);
  }
}

test.each([0, 5])('whatever happens at a rate of %i, the gate keeps its promises', (rate) => {
  fc.assert(
    fc.property(steps, (all) => {
      const play = new Play(rate);
      for (const step of all) {
        play.do(step);
        play.checkAlways();
      }
    }),
    { numRuns: 300 },
  );
});

test.each([0, 5])('whatever happened at a rate of %i, one good answer opens the gate', (rate) => {
  fc.assert(
    fc.property(steps, (all) => {
      const play = new Play(rate);
      for (const step of all) play.do(step);
      play.underWay.length = 0;
      play.pass(3_700_000);
      const { story } = play;
      story.end(story.begin(), null);
      expect(story.gate.mode).toBe('open');
      play.pass(1_000);
      expect(story.ask()).toMatchObject({ kind: 'pass', isTrialCall: false });
    }),
    { numRuns: 300 },
  );
});
