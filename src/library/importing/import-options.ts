/**
 * How a table is read and its rows are processed: the options of `kling-sessions import`, under the names that they
 * have in the HTTP API. Null and absent mean the default.
 */
export interface ImportOptions {
  /** An id of your own; the same table under another id is another batch. Default made from the name. */
  batch?: string | null;
  /** Which column holds what, such as `{ video_url: 'Link' }`. Default by their names. */
  map?: Partial<Record<'video_url' | 'video_id' | 'task_id' | 'video_created_at', string>>;
  /** The character between cells: `,` `;` `|` or `TAB`. Default detected. */
  delimiter?: string | null;
  /** Default detected. */
  format?: 'csv' | 'tsv' | 'jsonl' | 'list' | 'xlsx' | 'ods' | 'parquet' | null;
  /** Which sheet of a workbook, or `all`. Default the first that is not hidden. */
  sheet?: string | null;
  /** Leave out rows of a workbook that a filter or a person has hidden. Default false. */
  skipHidden?: boolean;
  /** Only the first rows, from 1. Default all. */
  limit?: number | null;
  /** Process the first n rows, and the others once one of them has a session. Default all at once. */
  canary?: number | null;
  /** Share of the work compared with other batches, 1 to 100. Default 10. */
  priority?: number;
  /** Open at most this many sessions; further rows wait until it may open more. Default any number. */
  maxSessions?: number | null;
  /** Pause when this many rows fail: a share of the last 100 (`50%`), a number (`50`), or `off`. Default `50%`. */
  maxFailures?: string;
  /** Labels to find the batch by. Default none. */
  tag?: string[];
  /** The batch that this table was before, or the newest of this name: unchanged rows keep its live sessions. */
  continue?: string | null;
  /** Columns of yours that tell rows apart, such as `['sku']`. Default all cells. */
  key?: string[] | null;
  /** An earlier batch whose rows without a session are in this table. */
  mends?: string | null;
  /** Reuse the live session of a video instead of opening another. Default false. */
  reuse?: boolean;
  /** Reject 23.976, 29.97 and 59.94 fps instead of warning. Default false. */
  strictFps?: boolean;
  /**
   * Where a worker writes the report when the batch ends: a path on the worker's machine or a presigned address. Default
   * nowhere.
   */
  out?: string | null;
  /** Warn when the batch may not end by then, such as `06:00`. */
  finishBy?: string | null;
  /** Process its rows only within these hours, such as `22:00-06:00`. Default at any time. */
  window?: string | null;
  /** Renew its sessions before they expire, for this long from now, such as `3d`. Default not. */
  keepAlive?: string | null;
  /** The same until a time, such as `18:00` or `2026-12-01T18:00`. */
  keepAliveUntil?: string | null;
  /** Time zone of the times given, such as `Asia/Taipei`. Default this machine's. */
  tz?: string | null;
}
