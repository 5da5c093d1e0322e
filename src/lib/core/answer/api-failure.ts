/**
 * The classes of unsuccessful answers (API page, "What a failure means").
 *  *
 * - `refused`: about this row; it fails at once.
 * - `throttled`: too many calls; the gate closes for all rows, the row pays nothing.
 * - `account`: key, quota or permission; the gate is blocked, the row pays nothing.
 * - `misconfigured`: wrong base URL or unavailable model; like `account`.
 * - `server`: an error of the API; retried with backoff, costs an attempt.
 * - `unconfirmed`: sent without a clear answer; a session may exist.
 */
export type ApiFailureKind =
  | 'refused'
  | 'throttled'
  | 'account'
  | 'misconfigured'
  | 'server'
  | 'unconfirmed';

export interface ApiFailure {
  kind: ApiFailureKind;
  /** The API's own code as text (`1303`, `upstream_load_saturated`), otherwise `http_429`, `timeout`, `reset` …. */
  code: string;
  /** The API's own words, or a text of this program if it sent none. At most 500 characters. */
  message: string;
  httpStatus: number | null;
  requestId: string | null;
  /** How long the API asked to wait, from `Retry-After` (seconds or HTTP date); null when it did not say. */
  retryAfterMs: number | null;
}

/**
 * Whether the call certainly opened no session: the API refused it, or it was never sent. A server error proves
 * nothing, as a relay may answer with one while Kling continues.
 */
export const openedNoSession = ({ kind, httpStatus }: ApiFailure): boolean =>
  kind !== 'unconfirmed' && (kind !== 'server' || httpStatus === null);

/** The session that a successful call opened. */
export interface OpenedSession {
  sessionId: string;
  requestId: string | null;
  /** 2xx. */
  httpStatus: number;
  /**
   * The facts about the video that the API may send: `fps`, `original_duration`, `width`, `height`, `total_frame`,
   * `normalized_video`, `final_unit_deduction`.
   */
  details: Record<string, string | number>;
}
