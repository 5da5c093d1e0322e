import type { BatchRef } from '../../core/batch/batch.ts';
import type { BatchSteering } from '../../store/batch-steering.ts';

export interface OwnPauseContext {
  steering: Pick<BatchSteering, 'addHistory' | OwnPause>;
  now: () => number;
  /** Runs one write, and repeats it while Redis is in trouble. */
  persist<T>(write: () => Promise<T>): Promise<T>;
}

/** `pauseItself`: too many rows fail, or the canary got no session. `pauseAtLimit`: the sessions are used up. */
export type OwnPause = 'pauseItself' | 'pauseAtLimit';

/**
 * Pauses a running batch without a person, and records it in the history. False if the batch is no longer running, or
 * may open a session again.
 */
export async function pauseByItself(
  { steering, now, persist }: OwnPauseContext,
  batch: BatchRef,
  reason: string,
  why: OwnPause,
): Promise<boolean> {
  const state = await persist(() => steering[why](batch, reason, now()));
  if (state !== 'paused') return false;
  const entry = { atMs: now(), who: 'kling-sessions', what: 'paused itself', reason };
  await persist(() => steering.addHistory(batch, entry));
  return true;
}
