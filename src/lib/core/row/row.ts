/** The states of a row before its outcome. `waiting → probing → ready → opening → outcome`. */
export const PENDING_STATES = ['waiting', 'probing', 'ready', 'opening'] as const;
export type PendingState = (typeof PENDING_STATES)[number];

/**
 * How a row ended; final, exactly one per row.
 *
 * - `succeeded`: a session was opened.
 * - `reused`: its video already had a live session and the batch asked for reuse.
 * - `duplicate`: the whole row repeats an earlier one; it carries that row's session.
 * - `invalid`: the manifest row is malformed; nothing was requested.
 * - `rejected`: the probe found the video outside the API's rules; no call was made.
 * - `failed`: refused by the API, attempts used up, or the video could not be read.
 * - `unconfirmed`: called without a clear answer; a session may exist.
 * - `cancelled`: the batch was cancelled first.
 */
export const OUTCOME_STATUSES = [
  'succeeded',
  'reused',
  'duplicate',
  'invalid',
  'rejected',
  'failed',
  'unconfirmed',
  'cancelled',
] as const;
export type OutcomeStatus = (typeof OUTCOME_STATUSES)[number];

/** How a row ends without a session, the most common first. A duplicate has the session of the row that it repeats. */
export const WITHOUT_SESSION = [
  'failed',
  'rejected',
  'invalid',
  'unconfirmed',
  'cancelled',
] as const satisfies readonly OutcomeStatus[];

const withoutSession: ReadonlySet<string> = new Set(WITHOUT_SESSION);

export const endedWithoutSession = (status: PendingState | OutcomeStatus): boolean =>
  withoutSession.has(status);

/** What `retry` means without a filter. */
export const RETRIED_BY_DEFAULT = [
  'failed',
  'unconfirmed',
] as const satisfies readonly OutcomeStatus[];

/** A malformed row stays malformed and a repeated one repeated, however often they are tried. */
export const RETRIED_STATUSES = OUTCOME_STATUSES.filter(
  (status) => status !== 'invalid' && status !== 'duplicate',
);
