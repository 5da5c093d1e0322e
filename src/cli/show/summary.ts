import type { BatchStatus } from '../../lib/batch/batch-status.ts';
import { type Batch, countPending, DEFAULT_PRIORITY } from '../../lib/core/batch/batch.ts';
import { describeArrangements } from '../../lib/core/batch/describe-arrangements.ts';
import { explainUnread } from '../../lib/core/batch/explain-unread.ts';
import { describeCost } from '../../lib/core/budget/cost.ts';
import { formatCount, formatSessions, formatTimeLeft } from '../../lib/core/in-words.ts';
import { describeReport } from '../../lib/core/report/batch-report.ts';
import { STATUS_MEANINGS } from '../../lib/core/row/explain-status.ts';
import {
  OUTCOME_STATUSES,
  type OutcomeStatus,
  PENDING_STATES,
  type PendingState,
} from '../../lib/core/row/row.ts';
import type { ErrorCount } from '../../lib/store/batch-store.ts';
import type { Style, Terminal } from '../process/terminal.ts';
import { cutText } from '../process/text-width.ts';

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

/** The counts as lines that add up to the total. */
export function summarise(terminal: Terminal, batch: Batch, errors: ErrorCount[]): string[] {
  const { counts, rows } = batch;
  const width = formatCount(rows).length;
  const line = (count: number, what: string): string =>
    `  ${formatCount(count).padStart(width)}  ${what}`;
  const pending = PENDING_STATES.filter((state) => counts[state] > 0).map((state) =>
    line(counts[state], terminal.style(styleOfStatus(state), state)),
  );
  const ended = OUTCOME_STATUSES.filter((status) => counts[status] > 0).map((status) => {
    const label = terminal.style(styleOfStatus(status), status.padEnd(11));
    return line(counts[status], `${label}  ${terminal.style('dim', STATUS_MEANINGS[status])}`);
  });
  const reasons = describeErrors(terminal, errors);
  return [
    ...pending,
    ...ended,
    `  ${'─'.repeat(width)}`,
    `  ${terminal.style('bold', formatCount(rows))}  ${rows === 1 ? 'row' : 'rows'}`,
    ...(reasons.length === 0 ? [] : ['', 'Most common reasons:', ...reasons]),
  ];
}

/** One line each, cut to the terminal's width. */
export function describeErrors(terminal: Terminal, errors: ErrorCount[]): string[] {
  const countWidth = Math.max(...errors.map(({ count }) => formatCount(count).length));
  const codeWidth = Math.max(...errors.map(({ code }) => code.length));
  return errors.map(({ code, count, sample }) => {
    const number = formatCount(count).padStart(countWidth);
    const line = `  ${number}  ${code.padEnd(codeWidth)}  ${terminal.style('dim', sample)}`;
    return terminal.columns === null ? line : cutText(line, terminal.columns);
  });
}

/** `2026-11-23 18:43:07` in the machine's time zone. */
export function formatTime(atMs: number): string {
  const at = new Date(atMs);
  const date = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((n) =>
    String(n).padStart(2, '0'),
  );
  return `${date.join('-')} ${at.toTimeString().slice(0, 8)}`;
}

/** A batch at a glance: counts, pace, sessions, errors, and why nothing moves. */
export function describeStatus(terminal: Terminal, picture: BatchStatus): string[] {
  const { batch, errors, standstill, notRenewed } = picture;
  // During an import, the reason why nothing moves says this already.
  const unread = standstill === null ? explainUnread(batch) : null;
  const sessions = describeSessions(picture);
  const arrangements = describeArrangements(batch, picture.gateNowMs);
  return [
    `${terminal.style('bold', batch.id)}  ${batch.state}`,
    terminal.style('dim', describeOrigin(batch)),
    ...(arrangements === null ? [] : [terminal.style('dim', arrangements)]),
    '',
    ...summarise(terminal, batch, errors),
    ...(unread === null ? [] : ['', terminal.style('yellow', unread)]),
    ...describeReportLine(terminal, batch),
    ...(sessions.length === 0 ? [] : ['', ...sessions]),
    ...describePace(picture),
    ...(standstill === null ? [] : ['', terminal.style('yellow', standstill)]),
    ...(notRenewed === null ? [] : ['', terminal.style('yellow', notRenewed)]),
  ];
}

function describeOrigin(batch: Batch): string {
  const { name, createdAtMs, finishedAtMs, priority, maxSessions, usedSessions } = batch;
  const ended = finishedAtMs === null ? '' : `, ended ${formatTime(finishedAtMs)}`;
  const share = priority === DEFAULT_PRIORITY ? '' : `, priority ${priority}`;
  const budget =
    maxSessions === null
      ? ''
      : `, ${formatCount(usedSessions)} of at most ${formatSessions(maxSessions)} used`;
  return `${name}, imported ${formatTime(createdAtMs)}${ended}${share}${budget}`;
}

/** One sentence; none without sessions. */
export function describeSessions({ batch, sessions }: BatchStatus): string[] {
  const { alive, expiringSoon, expired } = sessions;
  const cost = describeCost(batch.cost);
  const costs = cost === null ? [] : [`They cost ${cost}, according to the API.`];
  if (alive + expired === 0) return costs;
  const soon = expiringSoon === 0 ? '' : `, ${formatCount(expiringSoon)} of them expire within 4 h`;
  const gone = expired === 0 ? '' : `; ${formatCount(expired)} expired`;
  return [`Sessions: ${formatCount(alive)} alive${soon}${gone}.`, ...costs];
}

function describeReportLine(terminal: Terminal, batch: Batch): string[] {
  const state = describeReport(batch);
  if (state === null) return [];
  const { place, words, isTrouble, writtenAtMs } = state;
  if (isTrouble) return ['', terminal.style('yellow', words)];
  const time = writtenAtMs === null ? '' : ` ${formatTime(writtenAtMs)}`;
  return ['', `Report: ${place}, ${words}${time}.`];
}

function describePace(picture: BatchStatus): string[] {
  const { batch, rowsPerSecond, secondsLeft, concurrency, workers } = picture;
  if (countPending(batch.counts) === 0) return [];
  const left = secondsLeft === null ? '' : `, ${formatTimeLeft(secondsLeft)} left`;
  const crew = `${workers} worker${workers === 1 ? '' : 's'}, ${concurrency} call${concurrency === 1 ? '' : 's'} at once`;
  return ['', `${rowsPerSecond.toFixed(1)} rows/s over the last minute${left}; ${crew}.`];
}
