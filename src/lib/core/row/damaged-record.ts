import type { Outcome } from './outcome.ts';

/** Error code of a row whose record in Redis was not written by this program. */
export const RECORD_DAMAGED = 'record_damaged';

/** The same for a row that had ended. */
export const OUTCOME_DAMAGED = 'outcome_damaged';

/** A call may have been made, and nothing else is known about it. */
export const DAMAGED_PROGRESS =
  'The record of this row in Redis cannot be read; a session may exist.';

/** Replaces an outcome that cannot be read. */
export const damagedOutcome = (finishedAtMs: number): Outcome => ({
  status: 'unconfirmed',
  finishedAtMs,
  attempts: 0,
  warnings: [],
  error: {
    code: OUTCOME_DAMAGED,
    message: 'The outcome of this row in Redis cannot be read; a session may exist.',
  },
});
