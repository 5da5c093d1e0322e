import type { Batch } from '../core/batch/batch.ts';
import { countToCall, explainShort } from '../core/budget/batch-budget.ts';
import { explainShortDay } from '../core/budget/day-left.ts';
import { readSessionsLeft } from '../gate/read-sessions-left.ts';
import type { BatchStore } from '../store/batch-store.ts';
import { callsRows } from './foretell.ts';
import type { WithDay } from './preview.ts';

/** Rows that are called again need sessions of the budgets: what waits, and what to do. '' if none does. */
export async function warnOfLimit(
  { store, day }: { store: Pick<BatchStore, 'readBatch'> } & WithDay,
  verb: string,
  { id }: Batch,
): Promise<string> {
  const batch = callsRows(verb) ? await store.readBatch(id) : null;
  if (batch === null) return '';
  const left = await readSessionsLeft(day);
  const short = [explainShort(batch), left && explainShortDay(left, countToCall(batch))];
  return short.map((sentence) => (sentence === null ? '' : ` ${sentence}`)).join('');
}
