import { describeCost } from '../../lib/core/budget/cost.ts';
import { formatTimeLeft } from '../../lib/core/in-words.ts';
import { showValue } from '../../lib/core/manifest/show-value.ts';
import { redactUrls } from '../../lib/core/redact-url.ts';
import type { Attempt } from '../../lib/core/row/attempt.ts';
import type { Outcome } from '../../lib/core/row/outcome.ts';
import { describeSent, listWarnings } from '../../lib/report/kling-values.ts';
import type { RowStatus } from '../../lib/report/read-entries.ts';
import type { Ended, RowHistory } from '../../lib/rows/row-history.ts';
import type { Terminal } from '../process/terminal.ts';
import { padText, widthOf } from '../process/text-width.ts';
import { formatTime, styleOfStatus } from './summary.ts';

/** Everything about a row: its latest outcome first, then earlier ones, newest first. */
export function describeRow(terminal: Terminal, history: RowHistory, nowMs: number): string[] {
  const { batchId, row, status, cells, outcome, attempts, earlier } = history;
  const sent = redactUrls(describeSent(history.source) ?? '') || null;
  const describe = (ended: Ended): string[] => describeEnded(terminal, ended, { nowMs, sent });
  return [
    `${terminal.style('bold', batchId)}  row ${row}  ${styled(terminal, status)}`,
    ...table(cells.map(({ column, text }) => [column, showValue(text)])),
    '',
    ...(outcome === null
      ? describePending(terminal, history, sent)
      : describe({ outcome, attempts })),
    ...(earlier.length === 0 ? [] : ['', 'Before that:']),
    ...earlier.toReversed().flatMap(describe),
  ];
}

function describePending(
  terminal: Terminal,
  { status, progress, attempts }: RowHistory,
  sent: string | null,
): string[] {
  const lost = progress?.lostCalls ?? 0;
  return [
    `It has not ended yet; it is ${styled(terminal, status)}.`,
    ...table([
      ...attempts.map((attempt) => describeAttempt(terminal, attempt, null)),
      ['lost calls', lost > 0 ? `${lost}; each may have opened a session` : null],
      ['warnings', progress?.warnings.join('; ') || null],
      ...describeUnclear(progress?.lostCallTimes ?? [], sent),
    ]),
  ];
}

function describeEnded(
  terminal: Terminal,
  { outcome, attempts }: Ended,
  { nowMs, sent }: { nowMs: number; sent: string | null },
): string[] {
  const { status, finishedAtMs, error, duplicateOf, requestId, unclearCalls } = outcome;
  const why = error === undefined ? '' : `  ${error.code}: ${error.message}`;
  const isRequestShown = attempts.some((attempt) => attempt.requestId === requestId);
  return [
    `${formatTime(finishedAtMs)}  ${styled(terminal, status)}${why}`,
    ...table([
      ...attempts.map((attempt) => describeAttempt(terminal, attempt, outcome)),
      ['session', describeSession(outcome, nowMs)],
      ['cost', outcome.cost ? describeCost(outcome.cost) : null],
      ['repeats', duplicateOf === undefined ? null : `row ${duplicateOf}`],
      ['video', describeVideo(outcome)],
      ['warnings', listWarnings(outcome)],
      ['request', isRequestShown ? null : (requestId ?? null)],
      ...describeUnclear(unclearCalls ?? [], sent),
    ]),
  ];
}

/** `beganMs`: when the calls began. */
const describeUnclear = (beganMs: readonly number[], sent: string | null): Line[] => [
  ...beganMs.map((timeMs): Line => ['unclear call', formatTime(timeMs)]),
  ['it sent', beganMs.length === 0 ? null : sent],
];

/** Not repeated if the outcome already says it. */
function describeAttempt(
  terminal: Terminal,
  { number, atMs, failure, httpStatus, requestId }: Attempt,
  outcome: Outcome | null,
): Line {
  const isKnown = failure !== null && failure.message === outcome?.error?.message;
  const parts = [
    httpStatus === null ? null : `HTTP ${httpStatus}`,
    failure === null ? 'opened the session' : isKnown ? failure.code : null,
    failure === null || isKnown ? null : `${failure.code}: ${failure.message}`,
    requestId === null ? null : terminal.style('dim', `request ${requestId}`),
  ];
  const said = parts.filter((part) => part !== null).join(', ');
  return [`attempt ${number}`, `${formatTime(atMs)}  ${said}`];
}

function describeSession({ session }: Outcome, nowMs: number): string | null {
  if (session === undefined) return null;
  const leftMs = session.expiresAtMs - nowMs;
  const life = leftMs <= 0 ? 'expired' : `${formatTimeLeft(leftMs / 1_000)} left`;
  return `${session.id}, until ${formatTime(session.expiresAtMs)} (${life})`;
}

function describeVideo({ video }: Outcome): string | null {
  if (video === undefined) return null;
  const { durationS, width, height, fps } = video;
  const parts = [
    durationS === undefined ? null : `${durationS} s`,
    width === undefined || height === undefined ? null : `${width} × ${height}`,
    fps === undefined ? null : `${fps} fps`,
  ];
  return parts.filter((part) => part !== null).join(', ') || null;
}

const styled = (terminal: Terminal, status: RowStatus): string =>
  terminal.style(styleOfStatus(status), status);

type Line = [name: string, value: string | null];

/** Names and values in two columns. Lines without a value are left out. */
function table(lines: Line[]): string[] {
  const shown = lines.filter(([, value]) => value !== null);
  const width = Math.max(...shown.map(([name]) => widthOf(name)));
  return shown.map(([name, value]) => `  ${padText(name, width)}  ${value}`);
}
