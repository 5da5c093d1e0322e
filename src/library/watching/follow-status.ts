import { setTimeout as wait } from 'node:timers/promises';
import type { BatchStatus } from '../../lib/batch/batch-status.ts';
import { isEnded } from '../../lib/core/batch/batch.ts';

/** The time between two looks at a batch, in ms. */
const LOOK_MS = 250;

/**
 * Yields the status of a batch now and at each interval until the batch has ended; the status of the end is the last
 * one. After `signal` is aborted, one more follows. @throws what `read` throws.
 */
export async function* followStatus(
  read: () => Promise<BatchStatus>,
  signal: AbortSignal,
  everyMs = LOOK_MS,
): AsyncGenerator<BatchStatus, void, void> {
  for (;;) {
    const isLast = signal.aborted;
    const status = await read();
    yield status;
    if (isLast || isEnded(status.batch.state)) return;
    await wait(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

/** A batch that does not move until a person acts, or until the next day. */
export interface Stuck {
  /** What is in the way, and what to do. */
  sentence: string;
  /** It continues by itself on the next day. */
  isUntilNextDay: boolean;
}

/** Null for a batch that moves, or will soon move by itself. */
export function findStuck(status: BatchStatus): Stuck | null {
  const { batch, gate, gateNowMs, isUsedUpToday, standstill } = status;
  // Not while a trial call tests whether a blocked gate may open.
  const isBlocked = gate.mode === 'blocked' && gateNowMs < (gate.untilMs ?? 0);
  const isPaused = batch.state === 'paused' && !batch.isOutsideWindow;
  // Nothing is called before the next day. A call under way may still give its session back.
  const isUntilNextDay = isUsedUpToday && batch.counts.opening === 0;
  if (standstill === null || !(isBlocked || isPaused || isUntilNextDay)) return null;
  return { sentence: standstill, isUntilNextDay };
}
