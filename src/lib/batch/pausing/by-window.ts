import type { Batch, BatchRef } from '../../core/batch/batch.ts';
import { type DailyWindow, phaseOfWindow, timeInZone } from '../../core/batch/daily-window.ts';
import { dispatchJobOf } from '../../queue/jobs.ts';
import type { Queues } from '../../queue/queues.ts';
import type { BatchSteering } from '../../store/batch-steering.ts';
import type { BatchStore } from '../../store/batch-store.ts';

export interface WindowContext {
  store: BatchStore;
  steering: BatchSteering;
  queues: Queues;
  now: () => number;
}

/** The name of the actor in the batch's history. */
const WHO = 'its window';

/**
 * Pauses a batch outside its window and resumes it inside. A pause by a person or by the batch itself is left alone,
 * and so is a batch that a person resumed outside its window. May run at any time and twice.
 */
export async function keepToWindow(context: WindowContext, batch: Batch): Promise<void> {
  const { window } = batch.arrangements;
  if (window === null) return;
  const nowMs = context.now();
  const { isInside, sinceMs, untilMs } = phaseOfWindow(window, nowMs);
  if (isInside && batch.isOutsideWindow) await resume(context, batch);
  if (!isInside && batch.state === 'running') {
    const reason = `outside its window ${describeWindow(window)}`;
    const state = await context.steering.pauseOutsideWindow(batch, reason, sinceMs);
    if (state === null) return;
    const until = `continues at ${timeInZone(untilMs, window.zone, nowMs)}`;
    await note(context, batch, 'paused', `${reason}; ${until}`);
  }
}

async function resume(context: WindowContext, batch: BatchRef): Promise<void> {
  const { store, steering, queues } = context;
  if ((await steering.resumeInsideWindow(batch)) === null) return;
  await note(context, batch, 'resumed', null);
  const view = await store.readDispatch(batch.id);
  if (view?.batch.state === 'running') {
    await queues.addDispatch(dispatchJobOf(view.batch, view.epoch));
  }
}

async function note(
  { steering, now }: WindowContext,
  batch: BatchRef,
  what: string,
  reason: string | null,
): Promise<void> {
  await steering.addHistory(batch, { atMs: now(), who: WHO, what, reason });
}

/** `22:00–06:00 (Asia/Taipei)`. */
const describeWindow = ({ from, to, zone }: DailyWindow): string => `${from}–${to} (${zone})`;
