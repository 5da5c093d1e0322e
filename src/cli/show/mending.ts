import { type Batch, countWithoutSession } from '../../lib/core/batch/batch.ts';
import { countOpenRows, type OpenRows } from '../../lib/core/batch/count-open-rows.ts';
import { formatCount } from '../../lib/core/in-words.ts';
import { UnreadableRecord } from '../../lib/store/unreadable-record.ts';
import type { Stores } from '../wiring/stores.ts';

/** How many rows of a batch the batches that mend it still leave open; null when no batch mends it. */
export interface Mending extends OpenRows {
  /** The batches that mend it, the batches that mend those, and so on. */
  batches: string[];
}

/** A damaged record does not show what the batch mends. */
function ignoreUnreadable(error: unknown): null {
  if (error instanceof UnreadableRecord) return null;
  throw error;
}

export async function readMending(
  { store, overview }: Pick<Stores, 'store' | 'overview'>,
  batch: Batch,
): Promise<Mending | null> {
  const found = new Map<string, Batch>();
  const ids = await overview.listMending(batch.id);
  for (const id of ids) {
    const mending = found.has(id) ? null : await store.readBatch(id).catch(ignoreUnreadable);
    if (mending === null) continue;
    found.set(id, mending);
    ids.push(...(await overview.listMending(id)));
  }
  if (found.size === 0) return null;
  return { batches: [...found.keys()], ...countOpenRows(batch, [...found.values()]) };
}

export function describeMending(batch: Batch, mending: Mending | null): string[] {
  const mended = batch.mends === null ? [] : ['', `Mends ${batch.mends}.`];
  if (mending === null) return mended;
  const { batches, open, underWay } = mending;
  const without = formatCount(countWithoutSession(batch.counts));
  const moving = underWay > 0 ? `; ${formatCount(underWay)} of their rows are under way` : '';
  return [
    ...mended,
    '',
    `Mended by ${batches.join(', ')}.`,
    `Still open: ${formatCount(open)} of the ${without} rows that ended without a session${moving}.`,
  ];
}
