import type { BatchState } from './batch.ts';

/** What each state of a batch means, as half a sentence. */
export const STATE_MEANINGS: Record<BatchState, string> = {
  importing: 'its manifest is being read; no row is tried before all are stored',
  running: 'its rows are tried as calls become free',
  paused: 'no more rows are started; calls under way finish',
  completed: 'every row has ended',
  cancelling: 'calls under way finish; no other row is tried',
  cancelled: 'it was cancelled; rows that had not begun were not tried',
};
