import { estimateTurnMs, type Pace } from '../gate/estimate-turn.ts';
import { type Batch, countPending } from './batch.ts';
import { endWithinWindow, phaseOfWindow } from './daily-window.ts';

export interface ForecastFacts {
  batch: Batch;
  pace: Pace;
  /** No row ends before this: now, or when the gate opens. */
  fromMs: number;
}

/** When a batch's last row ends; infinity if that is months away. */
export function forecastEndMs({ batch, pace, fromMs }: ForecastFacts): number {
  const workMs = estimateTurnMs(countPending(batch.counts), pace);
  const { window } = batch.arrangements;
  return window === null ? fromMs + workMs : endWithinWindow(window, fromMs, workMs);
}

/** Its night is over: the deadline does not apply to a retry on the next day. */
const FORGOTTEN_AFTER_MS = 12 * 3_600_000;

/** Whether a batch has rows left and a deadline that was not announced yet. */
export function hasOpenDeadline(batch: Batch, nowMs: number): boolean {
  const { finishBy } = batch.arrangements;
  return (
    finishBy !== null &&
    batch.riskToldAtMs === null &&
    (batch.state === 'running' || batch.state === 'paused') &&
    countPending(batch.counts) > 0 &&
    nowMs < finishBy.atMs + FORGOTTEN_AFTER_MS
  );
}

const MEASURED_MS = 60_000;

/** Whether a batch has been running long enough for the pace of the last minute to be meaningful. */
export function isPaceTelling(batch: Batch, nowMs: number): boolean {
  const { window } = batch.arrangements;
  const opened = window === null ? batch.createdAtMs : phaseOfWindow(window, nowMs).sinceMs;
  return nowMs - Math.max(opened, batch.createdAtMs) >= MEASURED_MS;
}
