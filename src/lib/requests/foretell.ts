import type { Effect } from '../batch/count-effect.ts';
import { formatCount, formatRows, formatSpan } from '../core/in-words.ts';

/** What trying rows again means, in sentences: for a question, a dry run, or a button of a page. */
export function foretellCalls({ rows, live, longestLifeMs, unclear }: Effect): string {
  if (rows === 0) return 'No row will be tried again.';
  const longest = formatSpan(longestLifeMs);
  const life = live === 1 ? `for another ${longest}` : `the longest for another ${longest}`;
  const more = (count: number): string => `${formatCount(count)} more`;
  return [
    `${formatRows(rows)} will be tried again, with a call for each.`,
    ...some(live, `${of(live, rows)} a session that lives, ${life}; ${more(live)} will be opened.`),
    ...some(
      unclear,
      `${of(unclear, rows)} no clear answer so far, so a session may exist already: up to ${more(unclear)} may come to exist.`,
    ),
  ].join(' ');
}

/** The same of a cancellation. */
export const foretellCancelling = ({ rows }: Effect): string =>
  `${formatRows(rows)} will not be tried. Results stay, and calls under way finish. You can undo it.`;

/** After an act: sessions that may exist twice now. */
export const describeUnclear = ({ unclear }: Effect): string =>
  unclear === 0
    ? ''
    : ` Up to ${formatCount(unclear)} more ${unclear === 1 ? 'session' : 'sessions'} may come to exist: ${formatRows(unclear)} had no clear answer.`;

function of(count: number, all: number): string {
  if (count < all) return `${formatCount(count)} of them ${count === 1 ? 'has' : 'have'}`;
  return all === 1 ? 'It has' : 'All of them have';
}

const some = (count: number, sentence: string): string[] => (count === 0 ? [] : [sentence]);
