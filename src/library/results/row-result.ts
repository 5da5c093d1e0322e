import type { OutcomeStatus, PendingStatus } from '../watching/batch-progress.ts';

/** A row as it is now. */
export interface RowResult {
  /** Pass it as `after` to continue after this row. */
  position: string;
  batchId: string;
  /** Its number in the table, from 1. */
  row: number;
  /** How it ended. A row that was retried may be under way again. */
  status: OutcomeStatus | PendingStatus;
  /**
   * Your columns. From JSONL and from `rows` the values keep their types, and a number that JavaScript would round is
   * text. A line that is not valid JSON is in `kling_line`.
   */
  cells: Record<string, unknown>;
  session: { id: string; expiresAt: Date } | null;
  /** The row is returned because its session has expired; the rest of it is unchanged. */
  isExpired: boolean;
  /** A stable code and one sentence; null for a row that needs none. */
  error: { code: string; message: string } | null;
  warnings: string | null;
  /** Calls that counted against the row's limit. */
  attempts: number;
  requestId: string | null;
  /** What the probe or the API said about the video. */
  video: { durationS?: number; width?: number; height?: number; fps?: number } | null;
  /** The earlier row that it repeats, or whose session it got. */
  duplicateOf: number | null;
  finishedAt: Date | null;
}
