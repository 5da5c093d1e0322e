import type { ResultLine } from './follower.ts';

/** A row of the table `results`, as text where a client would format it. */
export interface StoredRow {
  row_number: number;
  status: string;
  session_id: string | null;
  expires_at: Date | null;
  error_code: string | null;
  error: string | null;
  attempts: number;
  duplicate_of: number | null;
  finished_at: Date | null;
  cells: Record<string, string>;
}

type Value = string | number | null | undefined;

/** What both a line and a stored row have. The reason of a cancelled row is its batch's, and changes with it. */
const COMPARED: readonly (readonly [column: string, of: (row: StoredRow) => Value])[] = [
  ['kling_status', ({ status }) => status],
  ['kling_session_id', ({ session_id: id }) => id],
  ['kling_expires_at', ({ expires_at: at }) => at?.toISOString() ?? null],
  ['kling_error_code', ({ error_code: code }) => code],
  ['kling_error', ({ error, status }) => (status === 'cancelled' ? undefined : error)],
  ['kling_attempts', ({ attempts }) => attempts],
  ['kling_duplicate_of', ({ duplicate_of: of }) => of],
  ['kling_finished_at', ({ finished_at: at }) => at?.toISOString() ?? null],
];

/** How the database differs from the report, one sentence for each row. */
export function compareStored(
  report: readonly ResultLine[],
  stored: readonly StoredRow[],
): string[] {
  const byRow = new Map(stored.map((row) => [row.row_number, row]));
  const surplus = stored.length - report.length;
  return [
    ...(surplus > 0 ? [`the database has ${surplus} rows too many`] : []),
    ...report.flatMap((line) => {
      const row = byRow.get(Number(line.kling_row));
      if (row === undefined) return [`row ${line.kling_row} is not in the database`];
      const column = COMPARED.find(([name, of]) => {
        const value = of(row);
        return value !== undefined && value !== (line[name] ?? null);
      });
      const cell = Object.entries(row.cells).find(([name, value]) => line[name] !== value);
      const what = column?.[0] ?? cell?.[0];
      return what === undefined
        ? []
        : [`row ${line.kling_row} has another ${what} in the database`];
    }),
  ];
}

/** A row that repeats another shows that one's session, and is not announced when that one gets it. */
const OF_THE_ORIGINAL = new Set(['kling_status', 'kling_duplicate_of', 'kling_row', 'kling_batch']);

/**
 * How the latest lines of a follower differ from the report, one sentence for each row. All sessions have expired, so
 * the latest line of each says that.
 */
export function compareFollowed(
  report: readonly ResultLine[],
  lineOf: (row: number) => ResultLine | undefined,
): string[] {
  return report.flatMap((line) => {
    const seen = lineOf(Number(line.kling_row));
    if (seen === undefined) return [`row ${line.kling_row} was not followed`];
    const isRepetition = line.kling_status === 'duplicate';
    if (!isRepetition && line.kling_session_id !== null && seen.kling_expired !== true) {
      return [`the session of row ${line.kling_row} has not expired for a follower`];
    }
    const differing = Object.keys(line).find((name) => {
      if (isRepetition && !OF_THE_ORIGINAL.has(name)) return false;
      if (name === 'kling_error' && line.kling_status === 'cancelled') return false;
      return line[name] !== seen[name];
    });
    return differing === undefined
      ? []
      : [`row ${line.kling_row} has another ${differing} for a follower`];
  });
}
