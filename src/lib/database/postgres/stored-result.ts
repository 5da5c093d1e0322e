import type { ResultRecord } from '../result-record.ts';

/** A row of `results` as the driver gives it: bigint as text, and times as Date. */
export interface StoredResult {
  batch_id: string;
  incarnation: string;
  row_number: number;
  key: string | null;
  status: string;
  session_id: string | null;
  expires_at: Date | null;
  error_code: string | null;
  error: string | null;
  warnings: string | null;
  attempts: number;
  request_id: string | null;
  duration_s: number | null;
  width: number | null;
  height: number | null;
  fps: number | null;
  units: number | null;
  duplicate_of: number | null;
  finished_at: Date | null;
  cells: string | null;
  revision: string;
}

/** The cells as text: the driver's own parser would round numbers of more than 15 digits. */
export const selectResults = (schema: string): string =>
  'SELECT batch_id, incarnation, row_number, key, status, session_id, expires_at, error_code, error, warnings, attempts, request_id, ' +
  'duration_s, width, height, fps, units::float8 AS units, duplicate_of, finished_at, cells::text AS cells, revision ' +
  `FROM ${schema}.results WHERE batch_id = $1 AND incarnation = $2 AND row_number BETWEEN $3 AND $4 ORDER BY row_number`;

export const toResultRecord = (stored: StoredResult): ResultRecord => ({
  batch: { id: stored.batch_id, incarnation: stored.incarnation },
  row: stored.row_number,
  key: stored.key,
  status: stored.status,
  sessionId: stored.session_id,
  expiresAtMs: stored.expires_at?.getTime() ?? null,
  errorCode: stored.error_code,
  error: stored.error,
  warnings: stored.warnings,
  attempts: stored.attempts,
  requestId: stored.request_id,
  durationS: stored.duration_s,
  width: stored.width,
  height: stored.height,
  fps: stored.fps,
  units: stored.units,
  duplicateOf: stored.duplicate_of,
  finishedAtMs: stored.finished_at?.getTime() ?? null,
  cells: stored.cells,
  revision: BigInt(stored.revision),
});
