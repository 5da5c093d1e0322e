import type { Outcome } from '../row/outcome.ts';
import type { Batch } from './batch.ts';

/**
 * The outcome of a row without its own outcome and progress: a cancelled batch ends all of them at once, without
 * writing a million outcomes. Null when the row is simply waiting.
 */
export function impliedOutcome({ state, cancelledAtMs, stateReason }: Batch): Outcome | null {
  if (cancelledAtMs === null) return null;
  // Once other rows are retried, the batch has other reasons.
  const isEnding = state === 'cancelling' || state === 'cancelled';
  const reason = isEnding && stateReason !== null ? ` (${stateReason})` : '';
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
