import { expect, test } from 'vitest';
import { listAttempts } from '../../../../../src/lib/core/row/attempt.ts';
import type { FailedAttempt } from '../../../../../src/lib/core/row/failed-attempt.ts';
import type { Outcome } from '../../../../../src/lib/core/row/outcome.ts';

const busy: FailedAttempt = {
  atMs: 10,
  code: '5001',
  message: 'unavailable',
  httpStatus: 503,
  requestId: 'r-1',
};
const lost: FailedAttempt = {
  atMs: 20,
  code: 'worker_died',
  message: 'the worker died during the call',
  httpStatus: null,
  requestId: null,
};
const FIRST = { number: 1, atMs: 10, httpStatus: 503, requestId: 'r-1' };
const refused = { code: '1301', message: 'policy' };

type Case = [sentence: string, given: Partial<Outcome>, expected: object[]];

test.each<Case>([
  [
    'a session at once',
    { attempts: 1, requestId: 'r-9' },
    [{ number: 1, failure: null, httpStatus: 200 }],
  ],
  [
    'a session that came with another status',
    { attempts: 1, httpStatus: 201 },
    [{ number: 1, failure: null, httpStatus: 201 }],
  ],
  [
    'a session at the second call',
    { attempts: 2, failedAttempts: [busy], requestId: 'r-9' },
    [
      { ...FIRST, failure: { code: '5001', message: 'unavailable' } },
      { number: 2, atMs: 99, failure: null, httpStatus: 200, requestId: 'r-9' },
    ],
  ],
  [
    'a refusal at the second call',
    { status: 'failed', attempts: 2, failedAttempts: [busy], error: refused, httpStatus: 400 },
    [FIRST, { number: 2, failure: refused, httpStatus: 400, requestId: null }],
  ],
  [
    'an end between two calls',
    { status: 'cancelled', attempts: 1, failedAttempts: [busy], error: refused },
    [FIRST],
  ],
  [
    'a session whose call had been given up as lost',
    { attempts: 1, failedAttempts: [lost] },
    [
      { number: 1, httpStatus: null },
      { number: 2, failure: null },
    ],
  ],
  ['a rejection, which takes no call', { status: 'rejected', attempts: 0, error: refused }, []],
  ['a repetition', { status: 'duplicate', attempts: 0, duplicateOf: 1 }, []],
])('the calls that led to %s', (_sentence, given, expected) => {
  const outcome: Outcome = {
    status: 'succeeded',
    finishedAtMs: 99,
    attempts: 0,
    warnings: [],
    ...given,
  };
  expect(listAttempts(outcome)).toEqual(expected.map((call) => expect.objectContaining(call)));
});
