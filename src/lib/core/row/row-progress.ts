import type { FailedAttempt } from './failed-attempt.ts';
import type { PendingState } from './row.ts';

/**
 * What is remembered about a row between dispatch and outcome. Changed only by compare-and-swap in the batch store,
 * so that if two workers hold the same row (one of them frozen or considered dead), the later one notices.
 */
export interface RowProgress {
  state: PendingState;
  /** Attempts spent: the calls that counted. */
  attempts: number;
  /** Their results, oldest first. */
  failedAttempts: FailedAttempt[];
  /** Calls without an answer that count towards the limit `MAX_UNCONFIRMED`. */
  unconfirmed: number;
  /** All calls without an answer: sessions that may also exist. */
  lostCalls: number;
  /** A call began and its end is not recorded yet. If another worker finds this, the call was lost. */
  isCalling: boolean;
  /** How often a worker began probing and neither finished nor returned the row. */
  probeStarts: number;
  /** How often a video could not be read for a temporary reason. */
  readFailures: number;
  /** How often this program threw. */
  faults: number;
  /** The gate's open time when the first call began; the row's deadline counts from here. */
  firstCallOpenMs: number | null;
  /** Identifies the write; no two writes share it, so that a repeated write recognises itself. */
  writer: string;
  /** Kept from the probe for the report. */
  video: { durationS?: number; width?: number; height?: number; fps?: number } | null;
  warnings: string[];
}

export const newRowProgress = (state: PendingState): RowProgress => ({
  state,
  attempts: 0,
  failedAttempts: [],
  unconfirmed: 0,
  lostCalls: 0,
  isCalling: false,
  probeStarts: 0,
  readFailures: 0,
  faults: 0,
  firstCallOpenMs: null,
  writer: '',
  video: null,
  warnings: [],
});

/** A call that began and whose end is not recorded: it cost an attempt, and it may have opened a session. */
export const withLostCall = (progress: RowProgress): RowProgress =>
  progress.isCalling
    ? {
        ...progress,
        isCalling: false,
        attempts: progress.attempts + 1,
        unconfirmed: progress.unconfirmed + 1,
        lostCalls: progress.lostCalls + 1,
      }
    : progress;
