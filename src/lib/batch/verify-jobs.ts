import { setTimeout as wait } from 'node:timers/promises';
import type { Batch } from '../core/batch/batch.ts';
import type { RowProgress } from '../core/row/row-progress.ts';
import type { Queues } from '../queue/queues.ts';
import type { BatchStore } from '../store/batch-store.ts';
import { findLostWork } from './repair-batch.ts';

interface VerifyContext {
  store: BatchStore;
  queues: Queues;
}

/** Time between two writes of a busy worker. */
const SECOND_LOOK_MS = 1_000;

/**
 * Checks that no row under way lacks a job, no job lacks a row, and a running batch is being dispatched; returns one
 * sentence for each exception. A row that moves is briefly between two places, so only what is unchanged a second
 * later counts.
 */
export async function verifyJobs(context: VerifyContext, batch: Batch): Promise<string[]> {
  const first = await look(context, batch);
  if (first.size === 0) return [];
  await wait(SECOND_LOOK_MS);
  const second = await look(context, batch);
  return [...first.keys()].flatMap((mark) => second.get(mark) ?? []);
}

/** Sentences by the row or batch they are about. */
async function look(context: VerifyContext, batch: Batch): Promise<Map<string, string>> {
  const { rows, lacksDispatch } = await findLostWork(context, batch);
  const found = new Map<string, string>();
  if (lacksDispatch) found.set('dispatch', 'The batch is running but not being dispatched.');
  for (const [row, progress] of rows) {
    found.set(markOf(row, progress), `Row ${row} is ${progress.state} but in no queue.`);
  }
  for await (const jobs of context.queues.listRows(batch)) {
    for (const row of await withoutRow(context.store, batch, jobs)) {
      found.set(`job ${row}`, `Row ${row} is in a queue but has nothing left to do.`);
    }
  }
  return found;
}

const markOf = (row: number, progress: RowProgress): string => `${row} ${JSON.stringify(progress)}`;

async function withoutRow(store: BatchStore, batch: Batch, rows: number[]): Promise<number[]> {
  const ended = await store.readOutcomesOf(batch.id, rows);
  return rows.filter((row) => row > batch.rows || ended.has(row));
}
