import type { BatchStatus } from '../../lib/batch/batch-status.ts';
import { countEnded, countWithoutSession } from '../../lib/core/batch/batch.ts';
import { formatCount, formatTimeLeft } from '../../lib/core/in-words.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../lib/core/row/row.ts';
import type { Terminal } from '../process/terminal.ts';
import { wrapText } from '../process/text-width.ts';
import { describeErrors, describeSessions, styleOfStatus } from './summary.ts';

/** The progress of a batch, in the few lines that a terminal keeps redrawing. */
export function describeLive(terminal: Terminal, picture: BatchStatus): string[] {
  const { counts } = picture.batch;
  const parts = [...PENDING_STATES, ...OUTCOME_STATUSES]
    .filter((status) => counts[status] > 0)
    .map((status) =>
      terminal.style(styleOfStatus(status), `${formatCount(counts[status])} ${status}`),
    );
  return [
    [progress(picture), ...speed(picture), ...crew(picture)].join(' · '),
    parts.join(' · '),
    ...describeSessions(picture),
    ...describeErrors(terminal, picture.errors),
    ...describeStandstill(terminal, picture),
  ];
}

/** Whole, on as many lines as it takes: it ends with what to do. */
const describeStandstill = (terminal: Terminal, { standstill }: BatchStatus): string[] =>
  standstill === null ? [] : wrapText(terminal.style('yellow', standstill), terminal.liveColumns);

/** The same in one line, for output that cannot be redrawn. */
export function describeProgress(picture: BatchStatus): string {
  if (picture.standstill !== null) return `${progress(picture)} · ${picture.standstill}`;
  const without = countWithoutSession(picture.batch.counts);
  const poor = without > 0 ? [`${formatCount(without)} without session`] : [];
  return [progress(picture), ...speed(picture), ...crew(picture), ...poor].join(' · ');
}

function progress({ batch }: BatchStatus): string {
  const ended = countEnded(batch.counts);
  const percent = batch.rows === 0 ? 100 : Math.floor((ended / batch.rows) * 100);
  return `${bar(percent)} ${percent} % · ${formatCount(ended)}/${formatCount(batch.rows)} rows`;
}

function speed({ rowsPerSecond, secondsLeft }: BatchStatus): string[] {
  const left = secondsLeft === null ? [] : [`${formatTimeLeft(secondsLeft)} left`];
  return rowsPerSecond > 0 ? [...left, `${rowsPerSecond.toFixed(1)} rows/s`] : left;
}

const crew = ({ concurrency, workers }: BatchStatus): string[] =>
  workers === 0 ? [] : [`${concurrency} call${concurrency === 1 ? '' : 's'} at once`];

/** Full only at the end. */
const bar = (percent: number): string => {
  const filled = Math.floor(percent / 10);
  return '█'.repeat(filled) + '░'.repeat(10 - filled);
};
