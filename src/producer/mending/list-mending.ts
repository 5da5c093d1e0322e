import type { Batch } from '../../lib/core/batch/batch.ts';
import type { BatchOverview } from '../../lib/store/batch-overview.ts';
import type { BatchStore } from '../../lib/store/batch-store.ts';
import { nullIfUnreadable } from '../../lib/store/unreadable-record.ts';

interface MendingContext {
  store: Pick<BatchStore, 'readBatch'>;
  overview: Pick<BatchOverview, 'listMending'>;
}

/** The batches that mend a batch, the batches that mend those, and so on. */
export async function listMending(
  { store, overview }: MendingContext,
  { id: batchId }: Batch,
): Promise<Batch[]> {
  const found = new Map<string, Batch>();
  const ids = await overview.listMending(batchId);
  for (const id of ids) {
    const mending = found.has(id) ? null : await store.readBatch(id).catch(nullIfUnreadable);
    if (mending === null) continue;
    found.set(id, mending);
    ids.push(...(await overview.listMending(id)));
  }
  return [...found.values()];
}

/** Those of a batch and of all batches whose sessions its table kept, as far as these batches still exist. */
export async function listMendingOfTable(context: MendingContext, batch: Batch): Promise<Batch[]> {
  const found = new Map<string, Batch>();
  for (let one: Batch | null = batch; one !== null; one = await readBefore(context, one)) {
    for (const mending of await listMending(context, one)) found.set(mending.id, mending);
  }
  return [...found.values()];
}

async function readBefore({ store }: MendingContext, { lineage }: Batch): Promise<Batch | null> {
  if (lineage === null || lineage.isFresh) return null;
  return await store.readBatch(lineage.after).catch(nullIfUnreadable);
}
