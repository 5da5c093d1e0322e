import { setTimeout as wait } from 'node:timers/promises';
import type { Stores } from '../../src/cli/wiring/stores.ts';
import { verifyBatch } from '../../src/lib/batch/verify-batch.ts';
import { verifyJobs } from '../../src/lib/batch/verify-jobs.ts';
import type { Batch } from '../../src/lib/core/batch/batch.ts';
import { countChunks } from '../../src/lib/core/batch/chunk.ts';
import { impliedOutcome } from '../../src/lib/core/batch/implied-outcome.ts';
import { checkRow } from '../../src/lib/core/manifest/check-row.ts';
import type { Source } from '../../src/lib/core/manifest/source.ts';
import type { Outcome } from '../../src/lib/core/row/outcome.ts';
import { OUTCOME_STATUSES } from '../../src/lib/core/row/row.ts';
import type { CallRecord, LedgerSnapshot } from '../../src/sandbox/ledger.ts';

/** What is wrong with a batch that should have ended, one sentence each; empty if nothing is. */
export async function contradictions(
  stores: Stores,
  batch: Batch,
  ledger: LedgerSnapshot,
  /** Whether the report mentions every session that it does not record. */
  knowsOrphans: boolean,
): Promise<string[]> {
  const found = await verifyBatch(stores.store, batch);
  const rows = await readRows(stores, batch);
  return [
    ...found.problems,
    ...(await strayJobs(stores, batch)),
    ...missing(batch, rows),
    ...miscounted(batch, rows),
    ...foreignSessions(rows, ledger.calls),
    ...wrongTimes(batch, rows),
    ...(knowsOrphans ? unexplainedOrphans(batch, rows, ledger.calls) : []),
  ];
}

/**
 * Sessions in a batch's report that were not opened for their row, at any time; empty if there are none. The ledger
 * is read last: calls may still be under way, and the ledger has their sessions before a row does.
 */
export async function misplacedSessions(
  stores: Stores,
  batch: Batch,
  readLedger: () => LedgerSnapshot,
): Promise<string[]> {
  const rows = await readRows(stores, batch);
  return foreignSessions(rows, readLedger().calls);
}

/** When their locks expire, other workers find the jobs of a dead worker and drop them. */
const LONGEST_STRAYING_MS = 60_000;

async function strayJobs(stores: Stores, batch: Batch): Promise<string[]> {
  const untilMs = Date.now() + LONGEST_STRAYING_MS;
  for (;;) {
    const found = await verifyJobs(stores, batch);
    if (found.length === 0 || Date.now() > untilMs) return found;
    await wait(500);
  }
}

interface EndedRow {
  row: number;
  /** Null for a malformed row. */
  video: string | null;
  outcome: Outcome | undefined;
}

async function readRows({ store }: Stores, batch: Batch): Promise<EndedRow[]> {
  const { id, rows, shape } = batch;
  const implied = impliedOutcome(batch) ?? undefined;
  const read: EndedRow[] = [];
  for (let chunk = 0; chunk < countChunks(rows); chunk += 1) {
    const outcomes = await store.readOutcomes(id, chunk);
    for (const row of (await store.readChunk(id, chunk)) ?? []) {
      const checked = checkRow(shape, row);
      const video = checked.ok ? nameOf(checked.source) : null;
      read.push({ row: row.row, video, outcome: outcomes.get(row.row) ?? implied });
    }
  }
  return read;
}

const nameOf = (source: Source): string =>
  source.kind === 'url' ? source.videoUrl : `${source.videoId} ${source.taskId}`;

const calledVideo = ({ source }: CallRecord): string =>
  source?.videoUrl ?? `${source?.videoId} ${source?.taskId}`;

function missing(batch: Batch, rows: EndedRow[]): string[] {
  const lost = rows.filter(({ outcome }) => outcome === undefined).map(({ row }) => row);
  return [
    ...(rows.length === batch.rows ? [] : [`${rows.length} of ${batch.rows} rows are there`]),
    ...(lost.length === 0 ? [] : [`rows without an outcome: ${lost.slice(0, 20).join(', ')}`]),
  ];
}

function miscounted(batch: Batch, rows: EndedRow[]): string[] {
  return OUTCOME_STATUSES.flatMap((status) => {
    const recount = rows.filter(({ outcome }) => outcome?.status === status).length;
    const counted = batch.counts[status];
    return counted === recount ? [] : [`${status}: counted ${counted}, recounted ${recount}`];
  });
}

/** Every recorded session was opened, for that row's video, and for one row only. */
function foreignSessions(rows: EndedRow[], calls: CallRecord[]): string[] {
  const opened = new Map(calls.map((call) => [call.sessionId, call]));
  const owners = new Map<string, number>();
  return rows.flatMap(({ row, video, outcome }) => {
    const id = outcome?.status === 'succeeded' ? outcome.session?.id : undefined;
    if (id === undefined) return [];
    const call = opened.get(id);
    const other = owners.get(id);
    owners.set(id, row);
    if (call === undefined) return [`row ${row}: session ${id} was never opened`];
    if (calledVideo(call) !== video)
      return [`row ${row}: session ${id} is of ${calledVideo(call)}`];
    return other === undefined ? [] : [`rows ${other} and ${row} have session ${id}`];
  });
}

/** Readings of a clock over the network differ, and workers are frozen. */
const CLOCK_TOLERANCE_MS = 60_000;
const SESSION_LIFETIME_MS = 86_400_000;

/**
 * Every row ended after its batch was imported and before now, and its session lives a day from then, although the
 * clocks of two workers are a day off.
 */
function wrongTimes({ createdAtMs }: Batch, rows: EndedRow[]): string[] {
  const sinceMs = createdAtMs - CLOCK_TOLERANCE_MS;
  const untilMs = Date.now() + CLOCK_TOLERANCE_MS;
  const isWrong = ({ outcome }: EndedRow): boolean => {
    if (outcome === undefined) return false;
    const { finishedAtMs, session, status } = outcome;
    if (finishedAtMs < sinceMs || finishedAtMs > untilMs) return true;
    return status === 'succeeded' && session?.expiresAtMs !== finishedAtMs + SESSION_LIFETIME_MS;
  };
  const wrong = rows.filter(isWrong).map(({ row }) => row);
  return wrong.length === 0 ? [] : [`rows with wrong times: ${wrong.slice(0, 20).join(', ')}`];
}

/** There are at most as many sessions without a row as calls without an answer in the rows, video by video. */
function unexplainedOrphans(batch: Batch, rows: EndedRow[], calls: CallRecord[]): string[] {
  const admitted = new Map<string, number>();
  let total = 0;
  for (const { video, outcome } of rows) {
    if (video === null) continue;
    const recorded = outcome?.status === 'succeeded' ? 1 : 0;
    const possible = outcome?.possibleOrphans ?? 0;
    total += possible;
    admitted.set(video, (admitted.get(video) ?? 0) + recorded + possible);
  }
  const opened = new Map<string, number>();
  for (const call of calls) {
    const video = calledVideo(call);
    if (call.sessionId !== null) opened.set(video, (opened.get(video) ?? 0) + 1);
  }
  const unexplained = [...admitted].flatMap(([video, most]) => {
    const count = opened.get(video) ?? 0;
    return count <= most
      ? []
      : [`${video}: ${count} sessions opened, ${most} recorded or possible`];
  });
  return total === batch.possibleOrphans
    ? unexplained
    : [...unexplained, `possible orphans: counted ${batch.possibleOrphans}, recounted ${total}`];
}
