import type { Outcome } from './outcome.ts';

/** Error code of a row of which Redis holds something that this program has not written. */
export const RECORD_DAMAGED = 'record_damaged';

/** The same, where the row had ended. */
export const OUTCOME_DAMAGED = 'outcome_damaged';

/** A call may have been made of which nothing is known any more. */
export const DAMAGED_PROGRESS =
  'The record of this row in Redis cannot be read; a session may exist.';

/** Stands for an outcome that cannot be read. */
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
