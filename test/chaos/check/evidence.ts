import { setTimeout as wait } from 'node:timers/promises';
import { verifyBatch } from '../../../src/lib/batch/verify-batch.ts';
import { verifyJobs } from '../../../src/lib/batch/verify-jobs.ts';
import type { Batch } from '../../../src/lib/core/batch/batch.ts';
import { countChunks } from '../../../src/lib/core/batch/chunk.ts';
import { impliedOutcome } from '../../../src/lib/core/batch/implied-outcome.ts';
import { checkRow } from '../../../src/lib/core/manifest/check-row.ts';
import { OUTCOME_STATUSES } from '../../../src/lib/core/row/row.ts';
import type { Stores } from '../../../src/library/wiring/stores.ts';
import type { CallRecord, LedgerSnapshot } from '../../../src/sandbox/ledger.ts';
import { calledVideo, type EndedRow, nameOf } from './ended-row.ts';
import { unexplainedOrphans } from './orphans.ts';

/** What is wrong with a batch that should have ended, one sentence each; empty if nothing is. */
export async function contradictions(
  stores: Stores,
  batch: Batch,
  ledger: LedgerSnapshot,
  /** Of which calls Redis may have lost every record; null when it may have lost any. */
  mayForget: ((call: CallRecord) => boolean) | null,
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
    ...(mayForget === null ? [] : unexplainedOrphans(batch, rows, ledger.calls, mayForget)),
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

export async function readRows({ store }: Stores, batch: Batch): Promise<EndedRow[]> {
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
