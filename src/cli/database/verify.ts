import { setTimeout as wait } from 'node:timers/promises';
import type { Batch } from '../../lib/core/batch/batch.ts';
import { formatCount, formatRows } from '../../lib/core/in-words.ts';
import type { ResultsDatabase } from '../../lib/database/results-database.ts';
import { verifyCopy } from '../../lib/database/verify-copy.ts';
import { findBatch } from '../../library/find-batch.ts';
import type { Stores } from '../../library/wiring/stores.ts';
import { EXIT, type ExitCode } from '../process/exit.ts';
import type { Terminal } from '../process/terminal.ts';

interface VerifyDatabase {
  stores: Stores;
  terminal: Terminal;
  database: ResultsDatabase;
}

/** Compares batches with the database, row by row; all of them without `batchIds`. Changes nothing. */
export async function verifyDatabase(
  context: VerifyDatabase,
  batchIds: readonly string[],
  flags: { json: boolean },
): Promise<ExitCode> {
  const { stores, terminal, database } = context;
  let rows = 0;
  let problemCount = 0;
  const problems: string[] = [];
  const settle = (): Promise<void> => untilCurrent(context);
  for await (const batch of listBatches(stores, batchIds)) {
    const found = await verifyCopy({ ...stores, database, settle }, batch);
    rows += found.rows;
    problemCount += found.problemCount;
    problems.push(...found.problems.slice(0, SHOWN - problems.length));
  }
  if (flags.json) terminal.print(JSON.stringify({ rows, problemCount, problems }));
  else for (const line of describe(rows, problems, problemCount)) terminal.print(line);
  return problemCount === 0 ? EXIT.ok : EXIT.unexpected;
}

const SHOWN = 100;
const LONGEST_MS = 10_000;
const LOOK_MS = 500;

function describe(rows: number, problems: readonly string[], problemCount: number): string[] {
  if (problemCount === 0) return [`${formatRows(rows)} compared; the database has the same.`];
  const more = problemCount - problems.length;
  return [
    ...problems,
    ...(more > 0 ? [`… and ${formatCount(more)} more.`] : []),
    `${formatRows(rows)} compared, ${formatCount(problemCount)} of them differ. \`kling-sessions database backfill\` copies what is missing; with \`--again\` it replaces everything.`,
  ];
}

async function* listBatches(
  { store, overview }: Stores,
  batchIds: readonly string[],
): AsyncGenerator<Batch> {
  if (batchIds.length === 0) yield* overview.listBatches();
  for (const id of batchIds) yield await findBatch(store, id);
}

/** Gives workers time to copy what has just changed. */
async function untilCurrent({ stores, database }: VerifyDatabase): Promise<void> {
  const latest = await stores.feed.readLatest();
  const feedId = await stores.feed.readId();
  const untilMs = Date.now() + LONGEST_MS;
  while (Date.now() < untilMs) {
    const { position } = await database.readPlace(feedId);
    if (position.event > latest) return;
    await wait(LOOK_MS);
  }
}
