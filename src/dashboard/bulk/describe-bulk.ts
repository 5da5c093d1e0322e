import type { BulkAction, BulkState } from '../../lib/bulk/bulk-action.ts';
import { formatBatches } from '../../lib/core/in-words.ts';
import { countRanges } from '../../lib/core/row/row-ranges.ts';
import type { BatchVerb } from '../../lib/requests/batch-acts.ts';

/** On buttons, and in titles. */
export const BULK_WORDS: Record<BatchVerb, string> = {
  pause: 'Pause',
  resume: 'Resume',
  cancel: 'Cancel',
  retry: 'Retry',
  refresh: 'Open new sessions',
  priority: 'Set priority',
  'max-sessions': 'Set sessions at most',
  'keep-alive': 'Keep alive',
};

/** `Pause 12 batches`. */
export function titleOf({ verb, chosen }: Pick<BulkAction, 'verb' | 'chosen'>): string {
  const what =
    chosen.kind === 'batches'
      ? formatBatches(chosen.count)
      : `${chosen.rows === null ? 'rows' : countChosen(chosen.rows)} of ${chosen.batch.id}`;
  return `${BULK_WORDS[verb]}: ${what}`;
}

function countChosen(rows: Parameters<typeof countRanges>[0]): string {
  const count = countRanges(rows);
  return count === 1 ? `row ${rows[0]?.from}` : `${count} rows`;
}

export const STATE_MEANINGS: Record<BulkState, string> = {
  draft: 'nothing has been done yet',
  running: 'the workers or this dashboard carry it out',
  completed: 'everything chosen was processed',
  stopped: 'changes made before the stop stay',
};
