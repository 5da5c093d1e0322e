import type { BatchRef, BatchState } from '../../lib/core/batch/batch.ts';
import type { WorkerContext } from '../worker-context.ts';
import { persist } from './persist.ts';

/**
 * Pauses a running batch automatically and notes it in the history. Does nothing if the batch is no longer running.
 */
export async function pauseBatch(
  context: WorkerContext,
  batch: BatchRef,
  reason: string,
): Promise<void> {
  const { steering, now } = context;
  const state = await persist(context, () => steering.pauseItself(batch, reason, now()));
  await note(context, batch, state, reason);
}

/** The same for a batch whose sessions are used up; does nothing if it may open one again. */
export async function pauseAtLimit(
  context: WorkerContext,
  batch: BatchRef,
  reason: string,
): Promise<void> {
  const { steering, now } = context;
  const state = await persist(context, () => steering.pauseAtLimit(batch, reason, now()));
  await note(context, batch, state, reason);
}

async function note(
  context: WorkerContext,
  batch: BatchRef,
  state: BatchState | null,
  reason: string,
): Promise<void> {
  const { steering, log, now } = context;
  if (state !== 'paused') return;
  log.error({ batch: batch.id, reason }, 'batch paused itself');
  const entry = { atMs: now(), who: 'kling-sessions', what: 'paused itself', reason };
  await persist(context, () => steering.addHistory(batch, entry));
}
