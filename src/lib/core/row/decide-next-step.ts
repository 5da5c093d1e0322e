import type { ApiFailure } from '../answer/api-failure.ts';

/** What a row has spent so far; only `decideNextStep` increases them. */
export interface RowCounters {
  /** Calls that cost the row an attempt: all except those that ended at the gate. */
  attempts: number;
  /** Those of them that were sent without a clear answer. Each may have opened a session with an unknown id. */
  unconfirmed: number;
}

export interface RetryPolicy {
  /** How many attempts a row has, from 1. */
  maxAttempts: number;
  /** How often an unconfirmed call is repeated, from 0. */
  maxUnconfirmed: number;
  /** The longest wait before the second attempt; it doubles from then on. */
  backoffMs: number;
  maxBackoffMs: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  maxAttempts: 6,
  maxUnconfirmed: 2,
  backoffMs: 1_000,
  maxBackoffMs: 300_000,
};

/** What happens to a row after a call; `counters` include this call. */
export type NextStep = { counters: RowCounters } & (
  | { kind: 'succeeded' }
  | { kind: 'end'; status: 'failed' | 'unconfirmed'; code: string; message: string }
  | { kind: 'wait_at_gate' }
  | { kind: 'retry'; delayMs: number }
);

export interface NextStepFacts {
  result: { ok: true } | { ok: false; failure: ApiFailure };
  /** Before this call. */
  counters: RowCounters;
  policy: RetryPolicy;
  /** Uniform in [0, 1). */
  random: number;
}

/**
 * The next step of a row (API page, "What happens to the row").
 *  *
 * If any call of a row got no clear answer, the row does not end as `failed` when its attempts are used up: a session
 * may exist, so it ends as `unconfirmed`. Only a refusal, an answer about the row itself, makes it `failed`; the
 * caller then reports `counters.unconfirmed` as sessions that may also exist, as it does for a success.
 *  *
 * A call whose worker was killed is an `unconfirmed` failure like any other.
 */
export function decideNextStep({ result, counters, policy, random }: NextStepFacts): NextStep {
  if (result.ok) return { kind: 'succeeded', counters: plusAttempt(counters) };
  const { failure } = result;
  if (wasNeverMade(failure)) return { kind: 'wait_at_gate', counters };
  switch (failure.kind) {
    case 'throttled':
    case 'account':
    case 'misconfigured':
      return { kind: 'wait_at_gate', counters };
    case 'refused': {
      const { code, message } = failure;
      return { kind: 'end', status: 'failed', code, message, counters: plusAttempt(counters) };
    }
    case 'server':
      return tryAgain(failure, plusAttempt(counters), policy, random);
    case 'unconfirmed': {
      const unconfirmed = counters.unconfirmed + 1;
      return tryAgain(failure, { ...plusAttempt(counters), unconfirmed }, policy, random);
    }
  }
}

/** Interrupted before anything was sent, for example at shutdown: nothing happened, so it costs nothing. */
function wasNeverMade({ kind, code, httpStatus }: ApiFailure): boolean {
  return kind === 'server' && code === 'aborted' && httpStatus === null;
}

function plusAttempt(counters: RowCounters): RowCounters {
  return { ...counters, attempts: counters.attempts + 1 };
}

function tryAgain(
  failure: ApiFailure,
  counters: RowCounters,
  policy: RetryPolicy,
  random: number,
): NextStep {
  const { attempts, unconfirmed } = counters;
  if (attempts >= policy.maxAttempts || unconfirmed > policy.maxUnconfirmed) {
    return endOf(failure, counters);
  }
  // Full jitter: rows that failed together do not retry together.
  const longestMs = Math.min(policy.backoffMs * 2 ** (attempts - 1), policy.maxBackoffMs);
  const delayMs = Math.max(Math.round(random * longestMs), failure.retryAfterMs ?? 0);
  return { kind: 'retry', delayMs, counters };
}

function endOf({ code, message }: ApiFailure, counters: RowCounters): NextStep {
  const { attempts, unconfirmed } = counters;
  if (unconfirmed === 0) {
    const words = `${times(attempts, 'attempt')} used up; the last one: ${message}`;
    return { kind: 'end', status: 'failed', code, message: words, counters };
  }
  const words =
    `${unconfirmed} of ${times(attempts, 'call')} got no clear answer; up to ` +
    `${times(unconfirmed, 'session')} may exist; the last call: ${message}`;
  return { kind: 'end', status: 'unconfirmed', code, message: words, counters };
}

function times(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
