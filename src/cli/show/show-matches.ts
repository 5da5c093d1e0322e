import { formatTimeLeft } from '../../lib/core/in-words.ts';
import { showValue } from '../../lib/core/manifest/show-value.ts';
import { jsonlReport } from '../../lib/report/jsonl-report.ts';
import { statusOf } from '../../lib/report/read-entries.ts';
import type { KeyMatch, KeyMatches } from '../../lib/rows/find-by-key.ts';
import type { Terminal } from '../process/terminal.ts';
import { padText, widthOf } from '../process/text-width.ts';
import { formatTime, styleOfStatus } from './summary.ts';

/** Rows that were found by their key, as lines of a JSONL report. */
export const matchLines = ({ matches }: KeyMatches): string[] =>
  matches.map(({ batch, entry }) => jsonlReport(batch.shape).line(entry).trimEnd());

/** The same for people, in columns. */
export function describeMatches(
  terminal: Terminal,
  key: string,
  { matches, next, isCutOff }: KeyMatches,
  nowMs: number,
): string[] {
  if (matches.length === 0) {
    return [`No row has the key "${showValue(key)}" in the batches that were imported with --key.`];
  }
  const table = matches.map((match) => describeMatch(match, nowMs));
  const widths = [0, 1, 2].map((at) => Math.max(...table.map((cells) => widthOf(cells[at] ?? ''))));
  const lines = table.map(([batch, row, status, session], index) => {
    const style = styleOfStatus(statusOf(matches[index]?.entry.result ?? 'waiting'));
    const named = terminal.style(style, padText(status, widths[2] ?? 0));
    return `${padText(batch, widths[0] ?? 0)}  ${padText(row, widths[1] ?? 0)}  ${named}  ${session}`;
  });
  return next !== null || isCutOff ? [...lines, 'There are more; --limit shows them.'] : lines;
}

type Cells = [batch: string, row: string, status: string, session: string];

const describeMatch = (match: KeyMatch, nowMs: number): Cells => [
  match.batch.id,
  `row ${match.entry.row.row}`,
  statusOf(match.entry.result),
  describeSession(match, nowMs),
];

function describeSession({ session, isAlive, entry }: KeyMatch, nowMs: number): string {
  if (session === null) {
    const { result } = entry;
    const error = typeof result === 'string' ? undefined : result.error;
    return error === undefined ? 'no session yet' : `no session: ${error.code}`;
  }
  const life = isAlive
    ? `${formatTimeLeft((session.expiresAtMs - nowMs) / 1_000)} left`
    : `expired ${formatTime(session.expiresAtMs)}`;
  return `${session.id} (${life})`;
}
