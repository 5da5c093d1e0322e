/** `importing → running ⇄ paused → completed`, or `→ cancelling → cancelled`; a retry makes an ended batch run again. */
export type BatchState =
  | 'importing'
  | 'running'
  | 'paused'
  | 'completed'
  | 'cancelling'
  | 'cancelled';

/** The states of a row under way, in order. */
export type PendingStatus = 'waiting' | 'probing' | 'ready' | 'opening';

/** How a row ended; docs/cli.md says what each means and what to do. */
export type OutcomeStatus =
  | 'succeeded'
  | 'reused'
  | 'duplicate'
  | 'invalid'
  | 'rejected'
  | 'failed'
  | 'unconfirmed'
  | 'cancelled';

/** The progress of a batch. */
export interface BatchProgress {
  batchId: string;
  /** The name of its table. */
  name: string;
  state: BatchState;
  /** Why it is paused, in one sentence; null otherwise. */
  stateReason: string | null;
  createdAt: Date;
  /** When the last row ended; null before that. */
  finishedAt: Date | null;
  /** Rows stored so far; final once `isReadToEnd`. */
  rows: number;
  /** Every row of the table is stored. Stays false if the import was interrupted. */
  isReadToEnd: boolean;
  /** Rows that have ended. */
  ended: number;
  /** Rows in each state and with each outcome. */
  counts: Record<PendingStatus | OutcomeStatus, number>;
  /** Sessions by their remaining life, exact to 5 minutes; `expiringSoon`: live ones that expire within 4 h. */
  sessions: { alive: number; expiringSoon: number; expired: number };
  /** The most frequent error codes, at most five, each with one of its messages. */
  errors: { code: string; count: number; sample: string }[];
  /** Over the last minute. */
  rowsPerSecond: number;
  /** Null when it is not known. */
  secondsLeft: number | null;
  /** Worker processes that are alive, for all batches. */
  workers: number;
  /** Why nothing moves, and what to do; null when something moves, or the batch has ended. */
  standstill: string | null;
}
