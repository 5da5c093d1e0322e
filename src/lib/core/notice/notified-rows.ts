import { endedWithoutSession, type OutcomeStatus, type PendingState } from '../row/row.ts';

/** Which rows are sent to the webhook as they end: none, those without a session, or all. */
export const NOTIFIED_ROWS = ['none', 'failed', 'all'] as const;
export type NotifiedRows = (typeof NOTIFIED_ROWS)[number];

export function isNotified(which: NotifiedRows, status: PendingState | OutcomeStatus): boolean {
  switch (which) {
    case 'none':
      return false;
    case 'failed':
      return endedWithoutSession(status);
    case 'all':
      return true;
  }
}
