import { explainUsedUp } from '../budget/batch-budget.ts';
import { explainGate } from '../gate/explain-gate.ts';
import type { Gate } from '../gate/gate.ts';
import { type Batch, countPending } from './batch.ts';
import { phaseOfWindow, timeInZone } from './daily-window.ts';

export interface StandstillFacts {
  batch: Batch;
  gate: Gate;
  /** Worker processes with a recent heartbeat. */
  workers: number;
  /** Why nothing can be stored, in one or two sentences; null when it can. */
  writeRefusal: string | null;
  /** Why all workers that run wait for a right in Redis; null when they do not. */
  workerRefusal: string | null;
  /** The sentence for when no worker runs. */
  noWorker: string;
  /** By the clock of Redis. */
  nowMs: number;
}

/**
 * Why nothing moves, in a sentence or two; null when the batch has ended or is moving. The first reason that applies
 * is given.
 */
export function explainStandstill(facts: StandstillFacts): string | null {
  const { batch, gate, writeRefusal, nowMs } = facts;
  switch (batch.state) {
    case 'completed':
    case 'cancelled':
      return null;
    case 'importing':
      return 'The import has not finished; the same import command resumes it.';
    case 'paused':
      if (batch.isOutsideWindow) return explainWindow(facts);
      if (batch.isAtLimit) return explainUsedUp(batch);
      return `Paused: ${batch.stateReason ?? 'no reason was given'}; \`kling-sessions resume ${batch.id}\` continues it.`;
    case 'running':
    case 'cancelling':
      if (countPending(batch.counts) === 0) return null;
      if (writeRefusal !== null) return writeRefusal;
      return explainNoWork(facts) ?? explainGate(gate, nowMs);
  }
}

export const NO_WORKER = 'No worker is running; `kling-sessions worker` starts one.';
/** The same for the private data of `run`. */
export const NO_RUN =
  'No `run` is processing this data; `kling-sessions run` with the same file continues.';

/** Why no worker does anything; null if one can. */
export function explainNoWork({
  workers,
  workerRefusal,
  noWorker,
}: Pick<StandstillFacts, 'workers' | 'workerRefusal' | 'noWorker'>): string | null {
  return workerRefusal ?? (workers === 0 ? noWorker : null);
}

function explainWindow(facts: StandstillFacts): string | null {
  const { batch, nowMs } = facts;
  const { window } = batch.arrangements;
  if (window === null) return null;
  const { isInside, untilMs } = phaseOfWindow(window, nowMs);
  if (isInside) return explainNoWork(facts) ?? 'Its window has opened; it continues in a moment.';
  const opens = timeInZone(untilMs, window.zone, nowMs);
  return `Outside its window ${window.from}–${window.to}; continues at ${opens} (${window.zone}). \`kling-sessions resume ${batch.id}\` continues now.`;
}
