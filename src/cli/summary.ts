import type { BatchPicture } from '../lib/batch-picture.ts';
import { type Batch, countPending } from '../lib/core/batch.ts';
import { formatCount, formatTimeLeft } from '../lib/core/in-words.ts';
import {
  OUTCOME_STATUSES,
  type OutcomeStatus,
  PENDING_STATES,
  type PendingState,
} from '../lib/core/row.ts';
import type { ErrorCount } from '../lib/store/batch-store.ts';
import type { Style, Terminal } from './terminal.ts';

const STYLE_OF: Record<OutcomeStatus, Style> = {
  succeeded: 'green',
  reused: 'green',
  duplicate: 'dim',
  invalid: 'yellow',
  rejected: 'yellow',
  failed: 'red',
  unconfirmed: 'red',
  cancelled: 'dim',
};

export const styleOfStatus = (status: OutcomeStatus | PendingState): Style =>
  status in STYLE_OF ? STYLE_OF[status as OutcomeStatus] : 'cyan';

const EXPLANATIONS: Record<OutcomeStatus, string> = {
  succeeded: 'a session was opened',
  reused: 'the video already had a live session',
  duplicate: 'the row repeats an earlier one',
  invalid: 'the manifest row is malformed',
  rejected: 'the video is outside the rules; no call was made',
  failed: 'refused by the API, unreadable, or attempts used up',
  unconfirmed: 'called and never answered; a session may exist',
  cancelled: 'the batch was cancelled first',
};

/** The counts as lines that add up to the total. */
export function summarise(terminal: Terminal, batch: Batch, errors: ErrorCount[]): string[] {
  const width = String(batch.rows).length;
  const pending = PENDING_STATES.filter((state) => batch.counts[state] > 0).map(
    (state) => `  ${String(batch.counts[state]).padStart(width)}  ${state}`,
  );
  const ended = OUTCOME_STATUSES.filter((status) => batch.counts[status] > 0).map((status) => {
    const count = String(batch.counts[status]).padStart(width);
    const label = terminal.style(STYLE_OF[status], status.padEnd(11));
    return `  ${count}  ${label}  ${terminal.style('dim', EXPLANATIONS[status])}`;
  });
  const total = `  ${terminal.style('bold', String(batch.rows))}  rows${countPending(batch.counts) === 0 ? '' : ' in all'}`;
  return [
    ...pending,
    ...ended,
    `  ${'─'.repeat(width)}`,
    total,
    ...describeErrors(terminal, errors),
  ];
}

function describeErrors(terminal: Terminal, errors: ErrorCount[]): string[] {
  if (errors.length === 0) return [];
  const width = Math.max(...errors.map(({ count }) => String(count).length));
  return [
    '',
    'Most common reasons:',
    ...errors.map(
      ({ code, count, sample }) =>
        `  ${String(count).padStart(width)}  ${code}  ${terminal.style('dim', shorten(sample))}`,
    ),
  ];
}

const shorten = (text: string): string => (text.length > 110 ? `${text.slice(0, 109)}…` : text);

/** `2026-11-23 18:43:07` in the machine's time zone. */
export function formatTime(atMs: number): string {
  const at = new Date(atMs);
  const date = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((n) =>
    String(n).padStart(2, '0'),
  );
  return `${date.join('-')} ${at.toTimeString().slice(0, 8)}`;
}

/** A batch at one glance: counts, pace, sessions, errors, and why nothing moves. */
export function describePicture(terminal: Terminal, picture: BatchPicture): string[] {
  const { batch, errors, standstill } = picture;
  return [
    `${terminal.style('bold', batch.id)}  ${batch.state}`,
    ...summarise(terminal, batch, errors),
    ...describeSessions(picture),
    ...describePace(picture),
    ...(standstill === null ? [] : ['', terminal.style('yellow', standstill)]),
  ];
}

function describeSessions({ sessions }: BatchPicture): string[] {
  const { alive, expiringSoon, expired } = sessions;
  if (alive + expired === 0) return [];
  const soon = expiringSoon === 0 ? '' : `, ${formatCount(expiringSoon)} of them expire within 4 h`;
  const gone = expired === 0 ? '' : `; ${formatCount(expired)} expired`;
  return ['', `Sessions: ${formatCount(alive)} alive${soon}${gone}.`];
}

function describePace({
  batch,
  rowsPerSecond,
  secondsLeft,
  concurrency,
  workers,
}: BatchPicture): string[] {
  if (countPending(batch.counts) === 0) return [];
  const left = secondsLeft === null ? '' : `, ${formatTimeLeft(secondsLeft)} left`;
  const crew = `${workers} worker${workers === 1 ? '' : 's'}, ${concurrency} calls at once`;
  return ['', `${rowsPerSecond.toFixed(1)} rows/s over the last minute${left}; ${crew}.`];
}
