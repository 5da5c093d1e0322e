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
  /** Calls without an answer that count towards `MAX_UNCONFIRMED`. */
  unconfirmed: number;
  /** All calls without an answer: sessions that may also exist. */
  lostCalls: number;
  /** When they began, oldest first; the latest `KEPT_CALL_TIMES`. Calls from before version 0.3 have no time. */
  lostCallTimes: number[];
  /** A call began and its end is not recorded yet. If another worker finds this, the call was lost. */
  isCalling: boolean;
  /** When the latest call began; null before the first. */
  callBeganMs: number | null;
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
  lostCallTimes: [],
  isCalling: false,
  callBeganMs: null,
  probeStarts: 0,
  readFailures: 0,
  faults: 0,
  firstCallOpenMs: null,
  writer: '',
  video: null,
  warnings: [],
});

/**
 * A row may lose any number of calls, because a call that a shutdown interrupts costs no attempt.
 */
const KEPT_CALL_TIMES = 20;

export type LostCalls = Pick<RowProgress, 'lostCalls' | 'lostCallTimes'>;

/** The latest call is lost: it was sent, or may have been, and got no answer. */
export function loseCall(progress: LostCalls & Pick<RowProgress, 'callBeganMs'>): LostCalls {
  const { lostCalls, callBeganMs } = progress;
  const times = [...progress.lostCallTimes, ...(callBeganMs === null ? [] : [callBeganMs])];
  return { lostCalls: lostCalls + 1, lostCallTimes: times.slice(-KEPT_CALL_TIMES) };
}

/**
 * A call was answered after all. It need not have counted as lost: a failover may have forgotten that it began, or it
 * may be too long ago to have a time. Then all others stay. `beganMs`: when it began.
 */
export function findCall(
  { lostCalls, lostCallTimes }: LostCalls,
  beganMs: number | null,
): LostCalls {
  const at = beganMs === null ? -1 : lostCallTimes.indexOf(beganMs);
  if (at < 0) return { lostCalls, lostCallTimes };
  return { lostCalls: lostCalls - 1, lostCallTimes: lostCallTimes.toSpliced(at, 1) };
}

/** A call that began and whose end is not recorded: it cost an attempt, and it may have opened a session. */
export const withLostCall = (progress: RowProgress): RowProgress =>
  progress.isCalling
    ? {
        ...progress,
        ...loseCall(progress),
        isCalling: false,
        attempts: progress.attempts + 1,
        unconfirmed: progress.unconfirmed + 1,
      }
    : progress;
