import type { Batch } from '../../lib/core/batch/batch.ts';
import { SESSION_LIFETIME_MS } from '../../lib/core/row/compose-outcome.ts';
import type { BatchOverview } from '../../lib/store/batch-overview.ts';
import type { BatchStore } from '../../lib/store/batch-store.ts';
import { nullIfUnreadable } from '../../lib/store/unreadable-record.ts';

/**
 * The batches that a table was before a batch, newest first, as far back as their sessions can live: a batch has ended
 * when the next one is created. A batch whose rows were told apart by another key says nothing about a row of today, and
 * neither does what is before a `--fresh` one.
 */
export async function listBefore(
  {
    store,
    overview,
  }: { store: Pick<BatchStore, 'readBatch'>; overview: Pick<BatchOverview, 'readSessions'> },
  batch: Batch,
  key: readonly string[] | null,
  nowMs: number,
): Promise<Batch[]> {
  const found: Batch[] = [];
  let one: Batch | null = batch;
  while (one !== null && mayBeFollowed(one, key, nowMs)) {
    one = await store.readBatch(one.lineage?.after ?? '').catch(nullIfUnreadable);
    if (one === null) break;
    const { alive } = await overview.readSessions(one.id, nowMs);
    if (alive > 0) found.push(one);
  }
  return found;
}

const mayBeFollowed = (
  { lineage, key, createdAtMs }: Batch,
  wanted: readonly string[] | null,
  nowMs: number,
): boolean =>
  lineage !== null &&
  !lineage.isFresh &&
  createdAtMs + SESSION_LIFETIME_MS > nowMs &&
  key?.join('\n') === wanted?.join('\n');
