import { html } from 'hono/html';
import type { RowCounts } from '../../lib/core/batch/batch.ts';
import { formatCount } from '../../lib/core/in-words.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../lib/core/row/row.ts';
import type { Html } from '../dashboard-env.ts';

type Counted = keyof RowCounts;

/** Successes first, then failures, then open rows: the bar fills from the left. */
const ORDER: readonly Counted[] = [...OUTCOME_STATUSES, ...PENDING_STATES.toReversed()];
const WIDTH = 1_000;
/** Minimum width of a count above 0, so that one failed row among a million is visible. */
const LEAST = 6;

/** The position of each count on a bar of width `WIDTH`; the widths add up to it. */
export function placeCounts(counts: RowCounts): { name: Counted; x: number; width: number }[] {
  const present = ORDER.filter((name) => counts[name] > 0);
  const total = present.reduce((sum, name) => sum + counts[name], 0);
  const isSmall = (name: Counted): boolean => (counts[name] / total) * WIDTH < LEAST;
  const small = present.filter(isSmall);
  const largeTotal = present.reduce((sum, name) => sum + (isSmall(name) ? 0 : counts[name]), 0);
  const room = WIDTH - small.length * LEAST;
  let x = 0;
  return present.map((name) => {
    const width = isSmall(name) ? LEAST : (counts[name] / largeTotal) * room;
    const placed = { name, x, width };
    x += width;
    return placed;
  });
}

/** The statuses that the batch has, in the order of the bar. */
export const statusesIn = (counts: RowCounts): Counted[] =>
  ORDER.filter((name) => counts[name] > 0);

/** The bar with its largest numbers below it. */
export function countsBar(counts: RowCounts): Html {
  const present = statusesIn(counts).toSorted((one, other) => counts[other] - counts[one]);
  const numbers = present.slice(0, SHOWN_NUMBERS).map((name) => inWords(counts, name));
  const more = present.length > SHOWN_NUMBERS ? ' · …' : '';
  return html`${bareBar(counts)}<small class="muted numbers">${numbers.join(' · ')}${more}</small>`;
}

const SHOWN_NUMBERS = 3;
const inWords = (counts: RowCounts, name: Counted): string =>
  `${formatCount(counts[name])} ${name}`;

/** Without numbers, for use beside a legend. */
export function bareBar(counts: RowCounts): Html {
  const words = statusesIn(counts)
    .map((name) => inWords(counts, name))
    .join(', ');
  const rects = placeCounts(counts).map(
    ({ name, x, width }) =>
      html`<rect class="f-${name}" x="${x.toFixed(1)}" width="${Math.max(width - 1.5, 1).toFixed(1)}" height="12"><title>${inWords(counts, name)}</title></rect>`,
  );
  return html`<svg class="bar" viewBox="0 0 ${WIDTH} 12" preserveAspectRatio="none" role="img" aria-label="${words || 'no rows'}">${rects}</svg>`;
}

/** The counts in words, with links to the rows; they add up to the total. */
export function countsLegend(
  counts: RowCounts,
  rows: number,
  linkOf: (name: Counted) => string,
): Html {
  const items = ORDER.filter((name) => counts[name] > 0).map(
    (name) =>
      html`<li><a href="${linkOf(name)}"><i class="dot f-${name}"></i>${name} <b>${formatCount(counts[name])}</b></a></li>`,
  );
  return html`<ul class="legend">${items}<li class="total">rows <b>${formatCount(rows)}</b></li></ul>`;
}
