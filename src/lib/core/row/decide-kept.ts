import { hasSession, type Outcome } from './outcome.ts';

/** A session that is about to expire is too short to work with. */
export const LEAST_LIFE_MS = 15 * 60_000;

/** What of an outcome says whether its session is kept. */
type Ending = Pick<Outcome, 'status' | 'session'>;

/** Whether someone can still begin to work with the session that a row ended with. */
const hasLiveSession = (outcome: Ending, nowMs: number): boolean =>
  hasSession(outcome) && (outcome.session?.expiresAtMs ?? 0) >= nowMs + LEAST_LIFE_MS;

/**
 * What a row of a changed manifest gets, given the same row of the batch that it continues:
 * - `keep`: that row's session;
 * - `expired`: a new one, as the old one has expired or soon will;
 * - `failed`: a new attempt, as the row ended without a session;
 * - `pending`: a new one; the row has not ended there and may still get a session.
 */
export type Continuation = 'keep' | 'expired' | 'failed' | 'pending';

/** `before`: how the same row with the same video ended; null while it has not. */
export function decideKept(before: Ending | null, nowMs: number): Continuation {
  if (before === null) return 'pending';
  if (hasLiveSession(before, nowMs)) return 'keep';
  return hasSession(before) ? 'expired' : 'failed';
}

/** The outcome of such a row: the same session, with the calls that opened it. Its own batch makes no call. */
export function keptOutcome(before: Outcome, from: { batchId: string; row: number }): Outcome {
  const { finishedAtMs, attempts, session, warnings, keptFrom = from } = before;
  const outcome: Outcome = { status: 'reused', finishedAtMs, attempts, warnings, keptFrom };
  // Fields are copied one by one, as in `unpackFields`. Cost and possible further sessions are counted in the batch
  // that made the calls.
  if (session) outcome.session = session;
  if (before.error) outcome.error = before.error;
  if (before.requestId !== undefined) outcome.requestId = before.requestId;
  if (before.httpStatus !== undefined) outcome.httpStatus = before.httpStatus;
  if (before.called !== undefined) outcome.called = before.called;
  if (before.failedAttempts) outcome.failedAttempts = before.failedAttempts;
  if (before.video) outcome.video = before.video;
  if (before.duplicateOf !== undefined) outcome.duplicateOf = before.duplicateOf;
  return outcome;
}
