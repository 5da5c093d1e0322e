import { type Batch, countWithoutSession } from '../../lib/core/batch/batch.ts';
import type { Notices } from '../../lib/notice/notice.ts';
import type { BatchStore } from '../../lib/store/batch-store.ts';
import type { BatchWatch, PendingNotice } from '../../lib/store/batch-watch.ts';

export interface TellContext {
  store: BatchStore;
  watch: BatchWatch;
  notices: Notices;
}

/** How many errors a notice names. */
export const TOP_ERRORS = 5;

/**
 * Tells of every batch that has ended or paused itself, and that nobody was told of. Several may do so at once, and it may
 * break off: what was not settled is told again, under the same id.
 */
export async function sendBatchNotices(context: TellContext): Promise<void> {
  for (;;) {
    const untold = await context.watch.listPending();
    if (untold.length === 0) return;
    for (const one of untold) {
      await tell(context, one);
      await context.watch.settle(one);
    }
  }
}

async function tell({ store, watch, notices }: TellContext, untold: PendingNotice): Promise<void> {
  const batch = await store.readBatch(untold.batchId);
  const event = batch && eventOf(batch, untold);
  if (batch === null || event === null) return;
  const errors = await store.readErrors(batch.id, TOP_ERRORS);
  await notices.send({ ...event, batch, errors, notify: await watch.readNotify(batch.id) });
}

/** Null when that is over: who cancels or resumes knows, and rows may have been tried again, so that the batch ends once more. */
function eventOf(
  batch: Batch,
  { what, atMs }: PendingNotice,
):
  | { kind: 'finished' | 'finished_with_failures' }
  | { kind: 'paused_itself'; atMs: number; reason: string }
  | null {
  switch (what) {
    case 'ended':
      if (batch.state !== 'completed' || batch.finishedAtMs !== atMs) return null;
      return {
        kind: countWithoutSession(batch.counts) === 0 ? 'finished' : 'finished_with_failures',
      };
    case 'paused_itself':
      if (batch.state !== 'paused') return null;
      return { kind: 'paused_itself', atMs, reason: batch.stateReason ?? '' };
  }
}
