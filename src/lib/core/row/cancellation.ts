import type { Ending } from './compose-outcome.ts';
import type { RowProgress } from './row-progress.ts';

/**
 * How a row ends if its batch was cancelled while it was under way. A call without a known end may have opened a
 * session, cancelled or not; `withLostCall` counts it in the progress.
 */
export function cancellationOf({ isCalling, attempts, lostCalls }: RowProgress): Ending {
  const ended = { kind: 'no_session', code: 'cancelled' } as const;
  if (isCalling) {
    const message = 'The batch was cancelled while this row was being called, and no answer came.';
    return { ...ended, status: 'unconfirmed', message };
  }
  const wasCalled = attempts > 0 || lostCalls > 0;
  const before = wasCalled ? 'was called again' : 'had its turn';
  return {
    ...ended,
    status: 'cancelled',
    message: `The batch was cancelled before this row ${before}.`,
  };
}
