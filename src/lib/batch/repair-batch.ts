import type { Batch } from '../core/batch/batch.ts';
import { chunkOfRow } from '../core/batch/chunk.ts';
import type { RowProgress } from '../core/row/row-progress.ts';
import { dispatchJobOf } from '../queue/jobs.ts';
import type { Queues } from '../queue/queues.ts';
import type { BatchStore } from '../store/batch-store.ts';
import { disownForeign } from './foreign-outcomes.ts';
import { handoverOf } from './hand-over.ts';
import { type RecountContext, recountBatch } from './recount-batch.ts';

interface RepairContext {
  store: BatchStore;
  queues: Queues;
}

/** What keeps a batch from moving: lost writes in Redis, or a process that died between two of its writes. */
export interface LostWork {
  /** Rows under way without a job. */
  rows: Map<number, RowProgress>;
  /** The batch is running but not dispatched. */
  lacksDispatch: boolean;
}

/**
 * Finds rows without a job, and a batch without a dispatch job. A row that ends during the search may be found
 * although nothing is wrong; a second search tells. Costs one read of the rows under way, which are only a few
 * seconds of work.
 */
export async function findLostWork(context: RepairContext, batch: Batch): Promise<LostWork> {
  const { store, queues } = context;
  const rows = new Map<number, RowProgress>();
  if (batch.state !== 'running' && batch.state !== 'cancelling') {
    return { rows, lacksDispatch: false };
  }
  for await (const underWay of store.listUnderWay(batch.id)) {
    for (const row of await queues.findWithoutJob(batch, [...underWay.keys()])) {
      const progress = underWay.get(row);
      if (progress !== undefined) rows.set(row, progress);
    }
  }
  return { rows, lacksDispatch: await lacksDispatch(context, batch.id) };
}

async function lacksDispatch({ store, queues }: RepairContext, batchId: string): Promise<boolean> {
  const view = await store.readDispatch(batchId);
  if (view?.batch.state !== 'running') return false;
  return !(await queues.hasDispatch(dispatchJobOf(view.batch, view.epoch)));
}

/** Queues what was found, if it still has no job. May run twice: each stage reads the row first. */
export async function putBack(
  { store, queues }: RepairContext,
  batch: Batch,
  { rows, lacksDispatch }: LostWork,
): Promise<void> {
  for (const chunk of new Set([...rows.keys()].map(chunkOfRow))) {
    const handovers = ((await store.readChunk(batch.id, chunk)) ?? []).flatMap((row) => {
      const progress = rows.get(row.row);
      return progress === undefined ? [] : (handoverOf(batch, row, progress) ?? []);
    });
    for (const stage of ['probe', 'init-selection'] as const) {
      const jobs = handovers.filter((handover) => handover.stage === stage).map(({ job }) => job);
      if (jobs.length > 0) await queues.addRows(stage, jobs);
    }
  }
  if (!lacksDispatch) return;
  const view = await store.readDispatch(batch.id);
  if (view?.batch.state === 'running') {
    await queues.addDispatch(dispatchJobOf(view.batch, view.epoch));
  }
}

/**
 * Removes outcomes of different sources, recounts, dispatches lost rows again, and queues what has no job. May run at
 * any time and twice; false when the batch moved too fast to be counted.
 */
export async function repairBatch(
  context: RepairContext & RecountContext,
  batchId: string,
): Promise<boolean> {
  const found = await context.store.readBatch(batchId);
  if (found !== null) await disownForeign(context, found);
  const isCounted = await recountBatch(context, batchId);
  const batch = await context.store.readBatch(batchId);
  if (batch !== null) await putBack(context, batch, await findLostWork(context, batch));
  return isCounted;
}
