import type { Batch } from './batch.ts';
import type { Outcome } from './outcome.ts';

/**
 * What a row without outcome and without progress came to: a cancelled batch ends all of them at once, without
 * writing a million outcomes. Null when such a row simply waits.
 */
export function impliedOutcome({ state, cancelledAtMs, stateReason }: Batch): Outcome | null {
  if ((state !== 'cancelling' && state !== 'cancelled') || cancelledAtMs === null) return null;
  const reason = stateReason === null ? '' : ` (${stateReason})`;
  return {
    status: 'cancelled',
    finishedAtMs: cancelledAtMs,
    attempts: 0,
    error: {
      code: 'cancelled',
      message: `The batch was cancelled before this row had its turn${reason}.`,
    },
    warnings: [],
  };
}
