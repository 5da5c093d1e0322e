import { html } from 'hono/html';
import { clockTime } from '../../lib/core/gate/explain-gate.ts';
import type { Html } from '../dashboard-env.ts';

/**
 * A moment, which the page's script shows in the reader's own zone, in UTC, or as a span. Without the script: in the
 * zone of the dashboard's machine.
 */
export const moment = (atMs: number, nowMs: number): Html =>
  timeElement(atMs, formatMoment(atMs, nowMs));

const timeElement = (atMs: number, text: string): Html =>
  html`<time datetime="${new Date(atMs).toISOString()}" data-moment>${text}</time>`;

/** `02:14:09` today, `2026-11-23 18:43` on another day. */
function formatMoment(atMs: number, nowMs: number): string {
  const [at, now] = [new Date(atMs), new Date(nowMs)];
  const time = at.toTimeString().slice(0, 8);
  if (at.toDateString() === now.toDateString()) return time;
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${time.slice(0, 5)}`;
}

/**
 * A sentence for both terminals and pages: text between backticks is code. A time of day in it is shown as a moment
 * if it is one of `moments` (`14:40:05`), or the minute of the last one (`14:40`).
 */
export const sentence = (text: string, momentsMs: readonly number[] = []): Html => {
  const spoken = withButtons(text);
  const known = momentsMs.map((atMs) => ({ atMs, text: clockTime(atMs) }));
  const last = known.at(-1);
  if (last !== undefined) known.push({ ...last, text: last.text.slice(0, 5) });
  return html`${spoken
    .split('`')
    .map((part, index) =>
      index % 2 === 1 ? html`<code>${part}</code>` : withMoments(part, known),
    )}`;
};

/** The advice of the terminal, and the same on a page. Commands without a button here stay. */
const BUTTONS: readonly [RegExp, string][] = [
  [/`kling-sessions resume [^`]*`/g, '“Resume” on its page'],
  [/`kling-sessions gate open`/g, '“Try now”'],
  [
    /`kling-sessions gate set --sessions-per-day <n>` allows/g,
    'a larger number under “Limits” allows',
  ],
  [
    /`kling-sessions gate set --sessions-per-day (\d+)` allows/g,
    '$1 sessions per day under “Limits” allow',
  ],
  [
    /`kling-sessions batches set-max-sessions \S+ (\d+)`, or the same import with a larger --max-sessions,/g,
    '“Set sessions at most” with $1 or more',
  ],
  [
    /`kling-sessions batches set-max-sessions \S+ (\d+)` allows/g,
    '“Set sessions at most” with $1 allows',
  ],
  [/`kling-sessions batches set-max-sessions [^` ]+` with/g, '“Set sessions at most” with'],
  [/that --max-sessions allows/g, 'that it may open'],
  [/--max-sessions allows/g, 'Its budget allows'],
  [/the same import command resumes it/g, 'upload the same file again to resume it'],
];

const withButtons = (text: string): string =>
  BUTTONS.reduce((said, [command, button]) => said.replace(command, button), text);

interface KnownMoment {
  atMs: number;
  text: string;
}

function withMoments(text: string, [first, ...others]: readonly KnownMoment[]): Html | string {
  if (first === undefined) return text;
  const [before = '', ...after] = text.split(new RegExp(`${first.text}(?!:\\d)`));
  const more = after.map(
    (part) => html`${timeElement(first.atMs, first.text)}${withMoments(part, others)}`,
  );
  return html`${withMoments(before, others)}${more}`;
}
