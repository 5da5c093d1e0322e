import type { FailedAttempt } from './failed-attempt.ts';
import type { PendingState } from './row.ts';

/**
 * What is remembered about a row between being dispatched and having an outcome.
 * Changed only by compare-and-swap in the batch store, so that of two workers holding the same row
 * (one of them frozen or thought dead) the later one notices.
 */
export interface RowProgress {
  state: PendingState;
  /** Attempts spent, that is calls that counted. */
  attempts: number;
  /** Their results, oldest first. */
  failedAttempts: FailedAttempt[];
  /** Calls that were sent and not answered, as far as the limit `MAX_UNCONFIRMED` is concerned. */
  unconfirmed: number;
  /** All calls that were sent and not answered: sessions that may exist beside the recorded one. */
  lostCalls: number;
  /** A call was begun and its end not yet recorded. Found again by another worker, it was lost. */
  isCalling: boolean;
  /** Times a worker began probing and neither finished nor gave the row back. */
  probeStarts: number;
  /** Times a video could not be read for a passing reason. */
  readFailures: number;
  /** Times our own code threw. */
  faults: number;
  /** The gate's open time when the first call began; the row's deadline counts from here. */
  firstCallOpenMs: number | null;
  /** Whose write this is; no two writes share it, so that a repeated write is recognised as one's own. */
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

/** A call that was begun and whose end is not recorded: it cost an attempt, and a session of it may exist. */
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
