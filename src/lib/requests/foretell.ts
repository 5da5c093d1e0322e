import type { Effect } from '../batch/count-effect.ts';
import type { WhyLeft } from '../batch/left-rows.ts';
import { type Budgeted, explainShort } from '../core/budget/batch-budget.ts';
import { explainShortDay, type SessionsLeft } from '../core/budget/day-left.ts';
import { formatCount, formatRows, formatSpan } from '../core/in-words.ts';
import { countRanges, nameRows, type RowRanges } from '../core/row/row-ranges.ts';

/** Whether an act on a batch has rows called again. */
export const callsRows = (verb: string): boolean => verb === 'retry' || verb === 'refresh';

/** What may have too few sessions for the rows that are called again; null where that is said elsewhere, or no limit. */
export interface CallBudgets {
  batch: Budgeted | null;
  day: SessionsLeft | null;
  /** Rows will wait for a budget that is explained elsewhere. */
  isShort?: boolean;
}

/**
 * What trying rows again means, in sentences: for a question, a dry run, or a button of a page. Also whether the budgets
 * let them be called.
 */
export function foretellCalls(
  effect: Effect,
  { batch, day, isShort = false }: CallBudgets,
): string {
  const { rows, live, longestLifeMs, unclear } = effect;
  if (rows === 0) return `No row will be tried again.${describeLeft(effect)}`;
  const short = [batch && explainShort(batch, rows), day && explainShortDay(day, rows)].filter(
    (sentence) => sentence !== null,
  );
  const longest = formatSpan(longestLifeMs);
  const life = live === 1 ? `for another ${longest}` : `the longest for another ${longest}`;
  const more = (count: number): string => `${formatCount(count)} more`;
  return [
    short.length === 0 && !isShort
      ? `${formatRows(rows)} will be tried again, with ${rows === 1 ? 'one call' : 'a call for each'}.`
      : `${formatRows(rows)} will be queued for retry, and called as the budget allows.`,
    ...some(live, `${of(live, rows)} a session that lives, ${life}; ${more(live)} will be opened.`),
    ...some(
      unclear,
      `${of(unclear, rows)} no clear answer so far, so a session may exist already: up to ${more(unclear)} may be opened.`,
    ),
    ...short,
  ]
    .join(' ')
    .concat(describeLeft(effect));
}

/** The same for a cancellation. */
export const foretellCancelling = ({ rows }: Effect): string =>
  `${formatRows(rows)} will not be tried. Results stay, and calls under way finish. You can undo it.`;

/** After an act: sessions that may exist twice now. */
export const describeUnclear = ({ unclear }: Effect): string =>
  unclear === 0
    ? ''
    : ` Up to ${formatCount(unclear)} more ${unclear === 1 ? 'session' : 'sessions'} may be opened: ${formatRows(unclear)} had no clear answer.`;

/** Which of the named rows an act leaves alone, and why; '' for none. */
export function describeLeft({ left = [] }: Effect): string {
  if (left.length === 0) return '';
  const groups = left.map(({ why, rows }) => `${nameRows(rows)} (${inNumber(why, rows)})`);
  const [{ rows } = { rows: [] }] = left;
  const noun = left.length === 1 && countRanges(rows) === 1 ? 'row' : 'rows';
  return ` Left alone: ${noun} ${groups.join(', ')}.`;
}

function inNumber(why: WhyLeft, rows: RowRanges): string {
  if (countRanges(rows) === 1) return why;
  if (why === 'has a session') return 'have a session';
  return why === 'repeats another row' ? 'repeat another row' : why;
}

function of(count: number, all: number): string {
  if (count < all) return `${formatCount(count)} of them ${count === 1 ? 'has' : 'have'}`;
  return all === 1 ? 'It has' : 'All of them have';
}

const some = (count: number, sentence: string): string[] => (count === 0 ? [] : [sentence]);
