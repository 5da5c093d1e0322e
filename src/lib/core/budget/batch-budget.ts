import { type Batch, countPending } from '../batch/batch.ts';
import {
  formatBatches,
  formatCount,
  formatMoreSessions,
  formatRows,
  formatSessions,
} from '../in-words.ts';

/** The fields that decide what a batch may still open. */
type Spending = Pick<Batch, 'maxSessions' | 'usedSessions' | 'renewalCalls' | 'counts'>;

export type BatchBudget =
  /** This many more rows may be handed over. */
  | { kind: 'room'; rows: number }
  /** Rows wait, no session is left for them, and no call is under way that could give one back. */
  | { kind: 'used_up' };

/**
 * How many rows a batch may hand over within its budget. A row under way needs a session from the budget until its
 * call has begun; from then on the call is counted. `underWay`: its rows between dispatch and outcome.
 */
export function decideBatchBudget(batch: Spending, underWay: number): BatchBudget {
  if (batch.maxSessions === null) return { kind: 'room', rows: Number.POSITIVE_INFINITY };
  const { opening } = batch.counts;
  const left = batch.maxSessions - batch.usedSessions;
  const isCalling = opening > 0 || batch.renewalCalls > 0;
  if (left <= 0 && !isCalling && countPending(batch.counts) > 0) return { kind: 'used_up' };
  return { kind: 'room', rows: Math.max(0, left - (underWay - opening)) };
}

/** Why it pauses, as half a sentence. */
export const describeUsedUp = (maxSessions: number): string =>
  `it has used the ${formatSessions(maxSessions)} that --max-sessions allows`;

/** What tells how many of its rows will have to wait. */
export type Budgeted = Pick<Batch, 'id' | 'maxSessions' | 'usedSessions' | 'counts'>;

/**
 * Why some of its rows will have to wait, and what to do; null if its budget is enough for all. `more` rows are about
 * to be queued again.
 */
export function explainShort(batch: Budgeted, more = 0, bound = ''): string | null {
  const { id, maxSessions, usedSessions } = batch;
  const waiting = countShort(batch, more);
  if (maxSessions === null || waiting === 0) return null;
  const left = Math.max(0, maxSessions - usedSessions);
  return `--max-sessions allows ${formatMoreSessions(left)}, so ${bound}${formatRows(waiting)} will wait; \`kling-sessions batches set-max-sessions ${id} ${maxSessions + waiting}\` allows all of them.`;
}

/** How many of its rows have a call before them. */
export const countToCall = ({ counts }: Pick<Batch, 'counts'>): number =>
  countPending(counts) - counts.opening;

/** How many of its rows will have to wait for a larger budget. */
function countShort(batch: Budgeted, more: number): number {
  const { maxSessions, usedSessions } = batch;
  if (maxSessions === null) return 0;
  return Math.max(0, countToCall(batch) + more - Math.max(0, maxSessions - usedSessions));
}

/** The batches that are named one by one. */
const MOST_NAMED = 3;

/** The same for several batches; null if each has enough. `isMost`: not all of the rows may need a call. */
export function explainShortOfMany(
  all: readonly { batch: Budgeted; rows: number }[],
  isMost: boolean,
): string | null {
  const short = all.flatMap(({ batch, rows }) => {
    const waiting = countShort(batch, rows);
    return waiting === 0 ? [] : [{ batch, rows, waiting }];
  });
  const [first] = short;
  if (first === undefined) return null;
  const bound = isMost ? 'up to ' : '';
  if (all.length === 1) return explainShort(first.batch, first.rows, bound);
  const waiting = short.reduce((sum, one) => sum + one.waiting, 0);
  const named = short
    .slice(0, MOST_NAMED)
    .map((one) => `${one.batch.id} (${formatCount(one.waiting)})`);
  const others = short.length - named.length;
  const rest = others === 0 ? '' : ` and ${formatCount(others)} more`;
  const budgets =
    short.length === 1
      ? 'The budget (--max-sessions) of one batch is'
      : `The budgets (--max-sessions) of ${formatBatches(short.length)} are`;
  return `${budgets} too small, so ${bound}${formatRows(waiting)} will wait: ${named.join(', ')}${rest}.`;
}

/** Why its rows wait, and what to do. */
export function explainUsedUp({ id, maxSessions, counts }: Batch): string {
  const most = maxSessions ?? 0;
  const pending = countPending(counts);
  const waiting = `${formatCount(pending)} ${pending === 1 ? 'row waits' : 'rows wait'}`;
  const advice = `\`kling-sessions batches set-max-sessions ${id} ${most + pending}\`, or the same import with a larger --max-sessions,`;
  return `The ${formatSessions(most)} that --max-sessions allows ${most === 1 ? 'is' : 'are'} used, so ${waiting}. ${advice} lets the batch continue.`;
}
