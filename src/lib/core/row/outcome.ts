import type { Cost } from '../budget/cost.ts';
import type { FailedAttempt } from './failed-attempt.ts';
import type { Renewal } from './renewal.ts';
import type { OutcomeStatus } from './row.ts';

/** The status of a session's answer. Not stored, because nearly every row has it. */
export const USUAL_STATUS = 200;

/** Whether a row that ended so has a session of its own, alive or expired: one opened for it, or one that it reuses. */
export const hasSession = ({ status }: Pick<Outcome, 'status'>): boolean =>
  status === 'succeeded' || status === 'reused';

/** How one row ended. Written once, in one atomic step with the batch's counters. */
export interface Outcome {
  status: OutcomeStatus;
  finishedAtMs: number;
  /** Calls that cost the row an attempt; those that ended at the gate did not. */
  attempts: number;
  session?: { id: string; expiresAtMs: number };
  /** Stable code and one sentence; present for everything except a plain success. */
  error?: { code: string; message: string };
  /** Sentences; empty when there are none. */
  warnings: string[];
  requestId?: string;
  /** The status of the answer that ended the row; absent without one, and for a session that came with 200. */
  httpStatus?: number;
  /**
   * Digest of the source that was called, or whose session was reused (`lib/store/redis/packing/source-digest.ts`, 4
   * characters); absent when nothing was called, and in records from before version 0.2.
   */
  called?: string;
  /** The calls that were followed by another, oldest first; absent when there were none. */
  failedAttempts?: FailedAttempt[];
  video?: { durationS?: number; width?: number; height?: number; fps?: number };
  /** The earlier row that this one repeats (`duplicate`), or whose session it got (`reused`). */
  duplicateOf?: number;
  /** For an unchanged row that keeps a session: the row of the batch that opened it. */
  keptFrom?: { batchId: string; row: number };
  /** What its session cost; absent when the answer named no cost above 0. */
  cost?: Cost;
  /** What was done to renew its session; absent before the first call. */
  renewal?: Renewal;
  /** Sessions that may exist beside the recorded one: calls that got no clear answer. */
  possibleOrphans?: number;
  /**
   * When the calls began after which such a session may exist, oldest first; absent without one, in records from
   * before version 0.3, and at most the latest 20.
   */
  unclearCalls?: number[];
}
