import { isDeepStrictEqual } from 'node:util';
import type { Batch } from '../core/batch/batch.ts';
import { CHUNK_ROWS } from '../core/batch/chunk.ts';
import { readEntries } from '../report/read-entries.ts';
import type { ReportEntry } from '../report/report-formatter.ts';
import { type ResultsContext, readRows } from '../results/read-results.ts';
import { type ResultRecord, toRecord } from './result-record.ts';
import type { ResultsDatabase } from './results-database.ts';

export interface CopyVerification {
  /** Rows that were compared. */
  rows: number;
  /** One sentence for each row that differs; at most `KEPT_PROBLEMS` are kept. */
  problems: string[];
  problemCount: number;
}

interface VerifyContext extends ResultsContext {
  database: ResultsDatabase;
  /** Resolves when the database has every change so far, or will not have them soon. */
  settle: () => Promise<void>;
}

const KEPT_PROBLEMS = 100;

/**
 * Compares each row of a batch with the database, in parts. Differences are checked again after copying has had time,
 * because the batch may be moving. @throws DatabaseTrouble
 */
export async function verifyCopy(context: VerifyContext, batch: Batch): Promise<CopyVerification> {
  const found: CopyVerification = { rows: 0, problems: [], problemCount: 0 };
  let hasSettled = false;
  for await (const entries of readEntries(context.store, batch)) {
    found.rows += entries.length;
    const suspects = await compare(context, batch, entries);
    if (suspects.size === 0) continue;
    if (!hasSettled) await context.settle();
    hasSettled = true;
    for (const [row, difference] of await lookAgain(context, batch, [...suspects.keys()])) {
      found.problemCount += 1;
      if (found.problems.length < KEPT_PROBLEMS) {
        found.problems.push(`Batch ${batch.id}, row ${row}: ${difference}.`);
      }
    }
  }
  return found;
}

/** Rows that differ, and how. */
type Differences = Map<number, string>;

async function lookAgain(
  context: VerifyContext,
  batch: Batch,
  rows: readonly number[],
): Promise<Differences> {
  const now = (await context.store.readBatch(batch.id)) ?? batch;
  const results = await readRows(context, now, new Map(rows.map((row) => [row, 0])));
  return await compare(
    context,
    now,
    results.map(({ entry }) => entry),
  );
}

async function compare(
  { database }: VerifyContext,
  batch: Batch,
  entries: readonly ReportEntry[],
): Promise<Differences> {
  const numbers = entries.map(({ row }) => row.row);
  const [first = 0, last = 0] = [numbers[0], numbers.at(-1)];
  const stored = new Map<number, ResultRecord>();
  for (let from = first; from > 0 && from <= last; from += CHUNK_ROWS) {
    const to = Math.min(last, from + CHUNK_ROWS - 1);
    for (const record of await database.readRows(batch, from, to)) stored.set(record.row, record);
  }
  const differences: Differences = new Map();
  for (const entry of entries) {
    const position = { event: 0, row: entry.row.row };
    const expected = toRecord({ batch, entry, position }, 0);
    const difference = differenceOf(expected, stored.get(entry.row.row));
    if (difference !== null) differences.set(entry.row.row, difference);
  }
  return differences;
}

function differenceOf(expected: ResultRecord, stored: ResultRecord | undefined): string | null {
  const isPending = expected.finishedAtMs === null;
  if (stored === undefined) return isPending ? null : `it is missing, and has ${expected.status}`;
  if (stored.status !== expected.status) {
    return `it is ${stored.status} in the database, and ${expected.status} in the batch`;
  }
  const column = COMPARED.find((name) => !isSame(name, expected, stored));
  return column === undefined ? null : `its ${column} differs`;
}

const COMPARED = [
  ...([
    'key',
    'sessionId',
    'expiresAtMs',
    'errorCode',
    'error',
    'warnings',
    'attempts',
    'requestId',
  ] as const),
  ...([
    'durationS',
    'width',
    'height',
    'fps',
    'units',
    'duplicateOf',
    'finishedAtMs',
    'cells',
  ] as const),
];

function isSame(
  name: (typeof COMPARED)[number],
  expected: ResultRecord,
  stored: ResultRecord,
): boolean {
  // The reason for a cancellation belongs to the batch and changes with it.
  if (name === 'error' && expected.status === 'cancelled') return true;
  if (name === 'cells') return hasSameCells(expected.cells, stored.cells);
  return expected[name] === stored[name];
}

/** The database stores no cells that it cannot hold, and does not keep the order of keys. */
const hasSameCells = (expected: string | null, stored: string | null): boolean =>
  stored === null || isDeepStrictEqual(JSON.parse(expected ?? 'null'), JSON.parse(stored));
