import type { BatchState } from '../watching/batch-progress.ts';

/** What every act takes. */
export interface ActOptions {
  /** Kept in the batch's history; at most 500 characters. Default none. */
  reason?: string | null;
  signal?: AbortSignal;
}

export interface CancelOptions extends ActOptions {
  /** Only count what it would do. Default false. */
  dryRun?: boolean;
}

export interface RetryOptions extends CancelOptions {
  /** Statuses of the rows. Default failed and unconfirmed; with `codes` or `rows` any without a session. */
  statuses?:
    | ('succeeded' | 'reused' | 'rejected' | 'failed' | 'unconfirmed' | 'cancelled')[]
    | null;
  /** Rows that ended with one of these error codes. */
  codes?: string[] | null;
  /** Only these rows: numbers, and ranges such as `12-15`. */
  rows?: (number | string)[] | null;
}

export interface RefreshOptions extends CancelOptions {
  /** Sessions that expire within this time. Default `4h`. */
  within?: string;
}

/** The state after the act. It may be the state before it. */
export interface StateResult {
  batchId: string;
  state: BatchState;
  /** The result in words. */
  sentence: string;
}

/** What an act did to rows, or with `dryRun` would do. */
export interface RowsResult {
  batchId: string;
  /** Rows that are called again. */
  rows: number;
  /** The rows among them with a live session. Each gets one more. */
  live: number;
  /** The rows among them that were called without a clear answer. Each may have a session already, and get one more. */
  unclear: number;
  /** The result in words. */
  sentence: string;
}
