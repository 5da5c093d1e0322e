import { countWithoutSession } from '../lib/core/batch.ts';
import type { Notices } from '../lib/notice/notice.ts';
import type { BatchStore } from '../lib/store/batch-store.ts';
import type { BatchEnd, BatchWatch } from '../lib/store/batch-watch.ts';

export interface TellContext {
  store: BatchStore;
  watch: BatchWatch;
  notices: Notices;
}

/** How many errors a notice names. */
export const TOP_ERRORS = 5;

/**
 * Tells of every batch that has ended and that nobody was told of. Several may do so at once, and it may break off: what
 * was not settled is told again, under the same id.
 */
export async function tellEnds(context: TellContext): Promise<void> {
  for (;;) {
    const ends = await context.watch.listEnds();
    if (ends.length === 0) return;
    for (const end of ends) {
      await tellEnd(context, end);
      await context.watch.settleEnd(end);
    }
  }
}

async function tellEnd({ store, watch, notices }: TellContext, end: BatchEnd): Promise<void> {
  const batch = await store.readBatch(end.batchId);
  // Who cancels knows; and rows may have been tried again meanwhile, so that the batch ends once more.
  if (batch?.state !== 'completed' || batch.finishedAtMs !== end.atMs) return;
  const kind = countWithoutSession(batch.counts) === 0 ? 'finished' : 'finished_with_failures';
  const errors = await store.readErrors(batch.id, TOP_ERRORS);
  await notices.send({ kind, batch, errors, notify: await watch.readNotify(batch.id) });
}
