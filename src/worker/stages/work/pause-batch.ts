import { type OwnPause, pauseByItself } from '../../../lib/batch/pausing/by-itself.ts';
import type { BatchRef } from '../../../lib/core/batch/batch.ts';
import type { WorkerContext } from '../../worker-context.ts';
import { persist } from './persist.ts';

/** Pauses a running batch automatically and logs it. Does nothing if the batch is no longer running. */
export async function pauseBatch(
  context: WorkerContext,
  batch: BatchRef,
  reason: string,
  why: OwnPause = 'pauseItself',
): Promise<void> {
  const { steering, log, now } = context;
  const pausing = {
    steering,
    now,
    persist: <T>(write: () => Promise<T>) => persist(context, write),
  };
  const isPaused = await pauseByItself(pausing, batch, reason, why);
  if (isPaused) log.error({ batch: batch.id, reason }, 'batch paused itself');
}
