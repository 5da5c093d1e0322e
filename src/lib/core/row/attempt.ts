import type { FailedAttempt } from './failed-attempt.ts';
import { type Outcome, USUAL_STATUS } from './outcome.ts';
import type { RowProgress } from './row-progress.ts';

/** A call that counted, whatever its result. */
export interface Attempt {
  /** From 1. */
  number: number;
  /** When its answer, or its loss, was recorded. */
  atMs: number;
  /** Null when it opened the row's session. */
  failure: Pick<FailedAttempt, 'code' | 'message'> | null;
  httpStatus: number | null;
  requestId: string | null;
}

/** The calls of a row that has not ended. */
export const listAttemptsSoFar = ({ failedAttempts }: RowProgress): Attempt[] =>
  failedAttempts.map(asAttempt);

/** The calls that led to an outcome. The outcome itself holds the result of the last one. */
export function listAttempts(outcome: Outcome): Attempt[] {
  const { status, attempts, failedAttempts = [], error, finishedAtMs } = outcome;
  const before = failedAttempts.map(asAttempt);
  const hasOpened = status === 'succeeded';
  // A row may also end between two calls: when its deadline passes, or when its batch is cancelled.
  if (!hasOpened && attempts <= before.length) return before;
  const last: Attempt = {
    number: before.length + 1,
    atMs: finishedAtMs,
    failure: hasOpened ? null : (error ?? null),
    httpStatus: outcome.httpStatus ?? (hasOpened ? USUAL_STATUS : null),
    requestId: outcome.requestId ?? null,
  };
  return [...before, last];
}

function asAttempt({ code, message, ...rest }: FailedAttempt, index: number): Attempt {
  return { number: index + 1, ...rest, failure: { code, message } };
}
