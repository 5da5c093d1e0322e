import type { ApiFailure, OpenedSession } from '../core/answer/api-failure.ts';
import type { Source } from '../core/manifest/source.ts';

/** One attempt, answered or not. `durationMs` is the wall-clock time of the call. */
export type CallResult =
  | { ok: true; session: OpenedSession; durationMs: number }
  | { ok: false; failure: ApiFailure; durationMs: number };

/** One call of the API per `initSelection`. It never repeats by itself and never rejects. */
export interface KlingClient {
  /**
   * Opens an editing session. Not idempotent: a second run may open a second session, and one of them expires unused
   * after 24 h. Aborting `signal` ends a sent call as `unconfirmed`.
   */
  initSelection(source: Source, options: { signal: AbortSignal }): Promise<CallResult>;
}
