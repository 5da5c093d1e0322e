import { type Batch, countPending, type RowCounts } from '../core/batch/batch.ts';
import { CHUNK_ROWS, countChunks, firstRowOfChunk } from '../core/batch/chunk.ts';
import { impliedOutcome } from '../core/batch/implied-outcome.ts';
import { NONE_USED, withinUsed } from '../core/budget/used-sessions.ts';
import { isBeingRenewed } from '../core/row/renewal.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../core/row/row.ts';
import type { BatchRepair, Recounted } from '../store/batch-repair.ts';
import type { BatchStore } from '../store/batch-store.ts';
import { addUsedOfChunk, type CountedChunk } from './add-used-of-chunk.ts';

export interface RecountContext {
  store: BatchStore;
  repair: BatchRepair;
  now: () => number;
}

const TRIES = 3;

/**
 * Sets a batch's counters and marks from its rows, moves the dispatch cursor to the first lost row, and lets the
 * batch run or end accordingly. False when the batch moved too fast for a correct recount.
 */
export async function recountBatch(context: RecountContext, batchId: string): Promise<boolean> {
  const { store, repair, now } = context;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const moves = await repair.readMoves(batchId);
    const batch = await store.readBatch(batchId);
    if (batch === null || batch.state === 'importing') return false;
    const recounted = await recount(context, batch);
    if (!(await repair.setCounts(batch, moves, recounted))) continue;
    const isOver = countPending(recounted.counts) === 0;
    if (isOver) await store.changeState(batch, 'all_rows_ended', batch.stateReason, now());
    else if (batch.state === 'completed') await store.changeState(batch, 'reopen', null, now());
    return true;
  }
  return false;
}

async function recount(context: RecountContext, batch: Batch): Promise<Recounted> {
  const counts = Object.fromEntries(
    [...PENDING_STATES, ...OUTCOME_STATUSES].map((name) => [name, 0]),
  ) as RowCounts;
  const recounted: Recounted = {
    counts,
    possibleOrphans: 0,
    usedSessions: null,
    renewalCalls: 0,
    impliedCancelled: 0,
    firstUntouched: null,
  };
  let used = NONE_USED;
  for (let chunk = 0; chunk < countChunks(batch.rows); chunk += 1) {
    const counted = await addChunk(context, batch, chunk, recounted);
    if (batch.maxSessions !== null) {
      used = await addUsedOfChunk(context.store, batch, used, counted);
    }
  }
  const usedSessions = batch.maxSessions === null ? null : withinUsed(batch.usedSessions, used);
  return { ...recounted, usedSessions };
}

async function addChunk(
  { store, repair }: RecountContext,
  batch: Batch,
  chunk: number,
  recounted: Recounted,
): Promise<CountedChunk> {
  const first = firstRowOfChunk(chunk);
  const length = Math.min(CHUNK_ROWS, batch.rows - first + 1);
  const outcomes = await store.readOutcomes(batch.id, chunk);
  const rows = Array.from({ length }, (_, offset) => first + offset);
  await repair.markRows(batch, chunk, rows, outcomes);
  const progress = await store.readProgressOf(batch.id, rows);
  const implied = impliedOutcome(batch)?.status;
  for (const row of rows) {
    const outcome = outcomes.get(row);
    const state = progress.get(row)?.state;
    recounted.possibleOrphans += outcome?.possibleOrphans ?? 0;
    recounted.renewalCalls += Number(outcome !== undefined && isBeingRenewed(outcome));
    recounted.counts[outcome?.status ?? state ?? implied ?? 'waiting'] += 1;
    if (outcome !== undefined || state !== undefined) continue;
    if (implied === undefined) recounted.firstUntouched ??= row;
    else recounted.impliedCancelled += 1;
  }
  return { chunk, numbers: rows, outcomes, progress };
}
