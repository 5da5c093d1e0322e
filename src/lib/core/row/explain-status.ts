import type { OutcomeStatus, PendingState } from './row.ts';

/** What each state and outcome of a row means, as half a sentence. */
export const STATUS_MEANINGS: Record<PendingState | OutcomeStatus, string> = {
  waiting: 'its turn has not come yet',
  probing: 'its video is being checked',
  ready: 'checked; it waits for its call',
  opening: 'the API is being called',
  succeeded: 'a session was opened',
  reused: 'a session that still lives was kept or used again',
  duplicate: 'the row repeats an earlier one',
  invalid: 'the manifest row is malformed',
  rejected: 'the video is outside the rules; no call was made',
  failed: 'refused by the API, unreadable, or attempts used up',
  unconfirmed: 'called without a clear answer; a session may exist',
  cancelled: 'the batch was cancelled first',
};
