import type { Logger } from 'pino';
import { type Batch, countWithoutSession, formatRef, isEnded } from '../../lib/core/batch/batch.ts';
import type { Notices } from '../../lib/notice/notice.ts';
import type { ReportQueue } from '../../lib/queue/report-queue.ts';
import type { BatchStore } from '../../lib/store/batch-store.ts';
import type { BatchWatch, PendingNotice } from '../../lib/store/batch-watch.ts';
import { passOver } from './pass-over.ts';

export interface BatchNoticeContext {
  store: BatchStore;
  watch: BatchWatch;
  notices: Notices;
  reports: Pick<ReportQueue, 'add'>;
  log: Logger;
}

/** How many errors a notice lists. */
export const TOP_ERRORS = 5;

/**
 * Sends a notice for every batch that has ended or paused itself and was not announced yet, and queues its report.
 * Several workers may do so at once, and it may be interrupted: an unsettled notice is sent again under the same id.
 * A notice that cannot be sent now waits for the next look.
 */
export async function sendBatchNotices(context: BatchNoticeContext): Promise<void> {
  const left = new Set<string>();
  for (;;) {
    const pending = await context.watch.listPending();
    const next = pending.filter((one) => !left.has(keyOf(one)));
    if (next.length === 0) return;
    for (const one of next) {
      const end = await passOver(context.log, one.batch.id, async () => {
        await send(context, one);
        await context.watch.settle(one);
      });
      if (end === 'passed_over') left.add(keyOf(one));
    }
  }
}

const keyOf = ({ batch, what, atMs }: PendingNotice): string =>
  `${formatRef(batch)} ${what} ${atMs}`;

async function send(context: BatchNoticeContext, pending: PendingNotice): Promise<void> {
  const { store, watch, notices } = context;
  const { id, incarnation } = pending.batch;
  const batch = await store.readBatch(id);
  if (batch?.incarnation !== incarnation) return;
  await queueReport(context, batch, pending);
  const event = eventOf(batch, pending);
  if (event === null) return;
  const errors = await store.readErrors(batch.id, TOP_ERRORS);
  await notices.send({ ...event, batch, errors, notify: await watch.readNotify(batch.id) });
}

/** A cancelled batch gets its report, too: it shows which rows have a session. */
async function queueReport(
  { reports }: BatchNoticeContext,
  { id: batchId, incarnation, report, state, finishedAtMs }: Batch,
  { what, atMs }: PendingNotice,
): Promise<void> {
  if (report === null) return;
  const endedAtMs = isEnded(state) ? finishedAtMs : null;
  const isDue = what === 'ended' ? endedAtMs === atMs : what === 'report_wanted';
  if (isDue) await reports.add({ batchId, incarnation, endedAtMs });
}

/**
 * Null when the event is outdated: a person who cancels or resumes knows about it, and after a retry the batch ends
 * again.
 */
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
    case 'report_wanted':
      return null;
  }
}
