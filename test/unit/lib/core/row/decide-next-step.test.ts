import { describe, expect, it, test } from 'vitest';
import type { ApiFailure, ApiFailureKind } from '../../../../../src/lib/core/answer/api-failure.ts';
import type { NextStep } from '../../../../../src/lib/core/row/decide-next-step.ts';
import {
  DEFAULT_RETRY_POLICY,
  decideNextStep,
} from '../../../../../src/lib/core/row/decide-next-step.ts';

type Kind = ApiFailureKind | 'success';

function failure(kind: ApiFailureKind, others: Partial<ApiFailure> = {}): ApiFailure {
  const plain = { code: 'c', message: 'words', httpStatus: null, requestId: null };
  return { kind, ...plain, retryAfterMs: null, ...others };
}

/** The step after a call of this kind and `attempts` others, of which `unconfirmed` had no clear answer. */
function stepAfter(attempts: number, unconfirmed: number, kind: Kind, random = 0.5): NextStep {
  return decideNextStep({
    result: kind === 'success' ? { ok: true } : { ok: false, failure: failure(kind) },
    counters: { attempts, unconfirmed },
    policy: DEFAULT_RETRY_POLICY,
    random,
  });
}

test.each<[sentence: string, call: [number, number, Kind], step: object]>([
  ['a success ends the row', [0, 0, 'success'], { kind: 'succeeded' }],
  ['a success after silence, too', [2, 2, 'success'], { kind: 'succeeded' }],
  ['a refusal fails it at once', [0, 0, 'refused'], { kind: 'end', status: 'failed' }],
  ['a refusal after silence, too', [1, 1, 'refused'], { kind: 'end', status: 'failed' }],
  ['throttling sends it to the gate', [5, 0, 'throttled'], { kind: 'wait_at_gate' }],
  ['account trouble, too', [5, 0, 'account'], { kind: 'wait_at_gate' }],
  ['a wrong base URL, too', [5, 2, 'misconfigured'], { kind: 'wait_at_gate' }],
  ['an ill server is tried again', [0, 0, 'server'], { kind: 'retry' }],
  ['… up to the fifth time', [4, 0, 'server'], { kind: 'retry' }],
  ['… and fails at the sixth', [5, 0, 'server'], { kind: 'end', status: 'failed' }],
  ['… but not if a call was silent', [5, 1, 'server'], { kind: 'end', status: 'unconfirmed' }],
  ['silence is tried again', [0, 0, 'unconfirmed'], { kind: 'retry' }],
  ['… twice', [1, 1, 'unconfirmed'], { kind: 'retry' }],
  ['… and not three times', [2, 2, 'unconfirmed'], { kind: 'end', status: 'unconfirmed' }],
  ['… nor beyond all attempts', [5, 0, 'unconfirmed'], { kind: 'end', status: 'unconfirmed' }],
])('%s', (_sentence, call, step) => {
  expect(stepAfter(...call)).toMatchObject(step);
});

test.each<[kind: Kind, attempts: number, unconfirmed: number]>([
  ['success', 2, 1],
  ['refused', 2, 1],
  ['server', 2, 1],
  ['unconfirmed', 2, 2],
  ['throttled', 1, 1],
  ['account', 1, 1],
  ['misconfigured', 1, 1],
])('after 1 attempt and 1 silence, %s makes it %i and %i', (kind, attempts, unconfirmed) => {
  expect(stepAfter(1, 1, kind).counters).toEqual({ attempts, unconfirmed });
});

it('a call that was interrupted before it was made counts as no attempt', () => {
  const counters = { attempts: 5, unconfirmed: 2 };
  const result = { ok: false as const, failure: failure('server', { code: 'aborted' }) };
  const step = decideNextStep({ result, counters, policy: DEFAULT_RETRY_POLICY, random: 0.5 });
  expect(step).toEqual({ kind: 'wait_at_gate', counters });
});

it('an unconfirmed call is never repeated if MAX_UNCONFIRMED is 0', () => {
  const result = { ok: false as const, failure: failure('unconfirmed') };
  const counters = { attempts: 0, unconfirmed: 0 };
  const policy = { ...DEFAULT_RETRY_POLICY, maxUnconfirmed: 0 };
  expect(decideNextStep({ result, counters, policy, random: 0 })).toMatchObject({
    kind: 'end',
    status: 'unconfirmed',
  });
});

describe('delay', () => {
  test.each<[attempts: number, random: number, delayMs: number]>([
    [0, 1, 1_000],
    [0, 0.25, 250],
    [0, 0, 0],
    [1, 1, 2_000],
    [3, 0.5, 4_000],
  ])('after %i attempts with random %d is %i ms', (attempts, random, delayMs) => {
    expect(stepAfter(attempts, 0, 'server', random)).toMatchObject({ delayMs });
  });

  function delayWith(attempts: number, retryAfterMs: number | null): NextStep {
    return decideNextStep({
      result: { ok: false, failure: failure('server', { retryAfterMs }) },
      counters: { attempts, unconfirmed: 0 },
      policy: { ...DEFAULT_RETRY_POLICY, maxAttempts: 10_000 },
      random: 1,
    });
  }

  it('the delay is never more than five minutes', () => {
    expect(delayWith(9, null)).toMatchObject({ delayMs: 300_000 });
    expect(delayWith(5_000, null)).toMatchObject({ delayMs: 300_000 });
  });

  it('the delay is never less than the API asked for', () => {
    expect(delayWith(0, 7_000)).toMatchObject({ delayMs: 7_000 });
  });
});

describe('message of an end', () => {
  it("the message of a refusal is the API's own", () => {
    expect(stepAfter(3, 0, 'refused')).toMatchObject({ code: 'c', message: 'words' });
  });

  it('the message of an end says how many attempts there were', () => {
    expect(stepAfter(5, 0, 'server')).toMatchObject({
      code: 'c',
      message: '6 attempts used up; the last one: words',
    });
  });

  it('the message of an end says how many sessions may exist', () => {
    expect(stepAfter(5, 1, 'server')).toMatchObject({
      message: '1 of 6 calls got no clear answer; up to 1 session may exist; the last call: words',
    });
  });
});
