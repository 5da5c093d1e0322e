import type { Act } from '../../core/act.ts';
import type { BatchEvent, BatchRef, BatchState } from '../../core/batch/batch.ts';
import { phaseOfWindow } from '../../core/batch/daily-window.ts';
import { dispatch, note, type SteeringContext } from '../steer-batch.ts';

/**
 * Pauses or resumes; null when the batch's state does not allow it. A person's decision takes precedence over the
 * batch's window.
 */
export async function changeBatch(
  context: SteeringContext,
  batch: BatchRef,
  event: Extract<BatchEvent, 'pause' | 'resume'>,
  act: Act,
): Promise<BatchState | null> {
  const reason = event === 'pause' ? (act.reason ?? `by ${act.who}`) : act.reason;
  if (event === 'resume') await outlastWindow(context, batch);
  const state =
    (await context.store.changeState(batch, event, reason, context.now())) ??
    (event === 'pause' ? await takeOverPause(context, batch, reason) : null);
  if (state === null) return null;
  await note(context, batch, act, event === 'pause' ? 'paused' : 'resumed');
  await dispatch(context, batch);
  return state;
}

/** A batch that is resumed outside its window runs until the window has opened and closed again. */
async function outlastWindow(
  { store, steering, now }: SteeringContext,
  batch: BatchRef,
): Promise<void> {
  const window = (await store.readBatch(batch.id))?.arrangements.window ?? null;
  if (window === null) return;
  const { isInside, sinceMs } = phaseOfWindow(window, now());
  if (!isInside) await steering.ignoreWindow(batch, sinceMs);
}

async function takeOverPause(
  { steering }: SteeringContext,
  batch: BatchRef,
  reason: string | null,
): Promise<BatchState | null> {
  return (await steering.takeOverPause(batch, reason ?? '')) ? 'paused' : null;
}
