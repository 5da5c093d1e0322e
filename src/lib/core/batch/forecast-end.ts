import { estimateTurnMs, type Pace } from '../gate/estimate-turn.ts';
import { type Batch, countPending } from './batch.ts';
import { endWithinWindow, phaseOfWindow } from './daily-window.ts';

export interface ForecastFacts {
  batch: Batch;
  pace: Pace;
  /** No row ends before: now, or when the gate opens. */
  fromMs: number;
}

/** When a batch's last row ends; infinity when that is months away. */
export function forecastEndMs({ batch, pace, fromMs }: ForecastFacts): number {
  const workMs = estimateTurnMs(countPending(batch.counts), pace);
  const { window } = batch.arrangements;
  return window === null ? fromMs + workMs : endWithinWindow(window, fromMs, workMs);
}

/** Its night is over: a retry on the day after has no deadline in mind. */
const FORGOTTEN_AFTER_MS = 12 * 3_600_000;

/** Whether a batch has a deadline that is not announced yet, and rows left. */
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

/** Whether a batch has been at work for so long that the pace of the last minute says something about it. */
export function isPaceTelling(batch: Batch, nowMs: number): boolean {
  const { window } = batch.arrangements;
  const opened = window === null ? batch.createdAtMs : phaseOfWindow(window, nowMs).sinceMs;
  return nowMs - Math.max(opened, batch.createdAtMs) >= MEASURED_MS;
}
