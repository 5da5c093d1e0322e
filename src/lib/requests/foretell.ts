import type { Effect } from '../batch/count-effect.ts';
import { type Budgeted, explainShort } from '../core/budget/batch-budget.ts';
import { explainShortDay, type SessionsLeft } from '../core/budget/day-left.ts';
import { formatCount, formatRows, formatSpan } from '../core/in-words.ts';
import { countRanges, nameRows } from '../core/row/row-ranges.ts';

/** Whether an act on a batch has rows called again. */
export const callsRows = (verb: string): boolean => verb === 'retry' || verb === 'refresh';

/** What may have too few sessions for the rows that are called again; null where that is said elsewhere, or no limit. */
export interface CallBudgets {
  batch: Budgeted | null;
  day: SessionsLeft | null;
}

/**
 * What trying rows again means, in sentences: for a question, a dry run, or a button of a page. Also whether the budgets
 * let them be called.
 */
export function foretellCalls(effect: Effect, { batch, day }: CallBudgets): string {
  const { rows, live, longestLifeMs, unclear } = effect;
  if (rows === 0) return `No row will be tried again.${describeLeft(effect)}`;
  const short = [batch && explainShort(batch, rows), day && explainShortDay(day, rows)];
  const longest = formatSpan(longestLifeMs);
  const life = live === 1 ? `for another ${longest}` : `the longest for another ${longest}`;
  const more = (count: number): string => `${formatCount(count)} more`;
  return [
    `${formatRows(rows)} will be tried again, with a call for each.`,
    ...some(live, `${of(live, rows)} a session that lives, ${life}; ${more(live)} will be opened.`),
    ...some(
      unclear,
      `${of(unclear, rows)} no clear answer so far, so a session may exist already: up to ${more(unclear)} may be opened.`,
    ),
    ...short.filter((sentence) => sentence !== null),
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
  const groups = left.map(({ why, rows }) => `${nameRows(rows)} (${why})`);
  const [{ rows } = { rows: [] }] = left;
  const noun = left.length === 1 && countRanges(rows) === 1 ? 'row' : 'rows';
  return ` Left alone: ${noun} ${groups.join(', ')}.`;
}

function of(count: number, all: number): string {
  if (count < all) return `${formatCount(count)} of them ${count === 1 ? 'has' : 'have'}`;
  return all === 1 ? 'It has' : 'All of them have';
}

const some = (count: number, sentence: string): string[] => (count === 0 ? [] : [sentence]);
