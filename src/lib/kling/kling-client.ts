import type { ApiFailure, OpenedSession } from '../core/answer/api-failure.ts';
import type { Source } from '../core/manifest/source.ts';

/** One attempt, answered or not. `durationMs` is the wall-clock time of the call. */
export type CallResult =
  | { ok: true; session: OpenedSession; durationMs: number }
  | { ok: false; failure: ApiFailure; durationMs: number };

/** One call of the API per `initSelection`; it never repeats by itself and never rejects. */
export interface KlingClient {
  /**
   * Opens an editing session. Not idempotent: running it twice may open two sessions, of which
   * one dies unused after 24 h. Aborting `signal` ends the call as `unconfirmed` once it was sent.
   */
  initSelection(source: Source, options: { signal: AbortSignal }): Promise<CallResult>;
}
