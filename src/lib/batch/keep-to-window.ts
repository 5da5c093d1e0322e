import type { Batch } from '../core/batch/batch.ts';
import { type DailyWindow, phaseOfWindow, timeInZone } from '../core/batch/daily-window.ts';
import type { Queues } from '../queue/queues.ts';
import type { BatchSteering } from '../store/batch-steering.ts';
import type { BatchStore } from '../store/batch-store.ts';

export interface WindowContext {
  store: BatchStore;
  steering: BatchSteering;
  queues: Queues;
  now: () => number;
}

/** Who acts, in the batch's history. */
const WHO = 'its window';

/**
 * Pauses a batch outside of its window and has it go on inside. A pause by a person, or by the batch itself, is left
 * alone, and so is a batch that somebody resumed while its window was shut. May run at any time and twice.
 */
export async function keepToWindow(context: WindowContext, batch: Batch): Promise<void> {
  const { window } = batch.arrangements;
  if (window === null) return;
  const nowMs = context.now();
  const { isInside, sinceMs, untilMs } = phaseOfWindow(window, nowMs);
  if (isInside && batch.isOutsideWindow) await goOn(context, batch.id);
  if (!isInside && batch.state === 'running') {
    const reason = `outside its window ${describeWindow(window)}`;
    const state = await context.steering.pauseOutsideWindow(batch.id, reason, sinceMs);
    if (state === null) return;
    const until = `goes on at ${timeInZone(untilMs, window.zone, nowMs)}`;
    await note(context, batch.id, 'paused', `${reason}; ${until}`);
  }
}

async function goOn(context: WindowContext, batchId: string): Promise<void> {
  const { store, steering, queues } = context;
  if ((await steering.resumeInsideWindow(batchId)) === null) return;
  await note(context, batchId, 'resumed', null);
  const view = await store.readDispatch(batchId);
  if (view?.batch.state === 'running') await queues.addDispatch({ batchId, epoch: view.epoch });
}

async function note(
  { steering, now }: WindowContext,
  batchId: string,
  what: string,
  reason: string | null,
): Promise<void> {
  await steering.addHistory(batchId, { atMs: now(), who: WHO, what, reason });
}

/** `22:00–06:00 (Asia/Taipei)`. */
const describeWindow = ({ from, to, zone }: DailyWindow): string => `${from}–${to} (${zone})`;
