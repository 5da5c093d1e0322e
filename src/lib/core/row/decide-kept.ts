import type { Outcome } from './outcome.ts';

/** A session about to expire is of no use to those who still have to work with it. */
export const LEAST_LIFE_MS = 15 * 60_000;

/** Whether someone can still begin to work with the session that a row ended with. */
const hasLiveSession = ({ status, session }: Outcome, nowMs: number): boolean =>
  (status === 'succeeded' || status === 'reused') &&
  session !== undefined &&
  session.expiresAtMs >= nowMs + LEAST_LIFE_MS;

/**
 * What a row of a changed manifest gets, by the same row of the batch that it continues:
 * - `keep`: that row's session;
 * - `expired`: a new one, as the old one is over, or soon will be;
 * - `failed`: a new try, as it ended without a session;
 * - `pending`: it has not ended there, so it may still get a session.
 */
export type Continuation = 'keep' | 'expired' | 'failed' | 'pending';

/** `before`: how the same row with the same video ended; null while it has not. */
export function decideKept(before: Outcome | null, nowMs: number): Continuation {
  if (before === null) return 'pending';
  if (hasLiveSession(before, nowMs)) return 'keep';
  const hadSession = before.status === 'succeeded' || before.status === 'reused';
  return hadSession ? 'expired' : 'failed';
}

/** What such a row ends with: the very session, with the calls that led to it. Its own batch calls nothing. */
export function keptOutcome(before: Outcome, from: { batchId: string; row: number }): Outcome {
  // They are counted where the calls were made.
  const { possibleOrphans: _, ...shared } = before;
  return { ...shared, status: 'reused', keptFrom: before.keptFrom ?? from };
}
