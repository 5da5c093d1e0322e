import type { BatchRef } from '../core/batch/batch.ts';
import type { Source } from '../core/manifest/source.ts';
import type { Outcome } from '../core/row/outcome.ts';
import type { SwapOptions } from './batch-store.ts';

export type NoteResult =
  /** `dayEndMs` is set only with a call: when the day ends in which it counts. */
  | { kind: 'noted' }
  | { kind: 'begun'; dayEndMs: number }
  /** The row's outcome has changed or is gone; or no call may begin, because sessions are not kept alive. */
  | { kind: 'changed' }
  | { kind: 'no_session_left' }
  | { kind: 'no_session_today'; dayEndMs: number }
  | { kind: 'gone' };

export type RenewResult =
  | { kind: 'renewed' }
  | { kind: 'changed' }
  /** Another row of the batch has this session; nothing was written. */
  | { kind: 'session_taken'; byRow: number }
  | { kind: 'gone' };

/**
 * Renews sessions of rows that have ended. A row keeps its outcome until the next session is there. Every method
 * replaces an outcome only if the row still has the one that the caller found, and may run twice.
 */
export interface SessionRenewals {
  /**
   * Replaces an outcome by the same one with another `renewal` and, after a lost call, more possible orphans.
   * `beginsCall` and `givesBack` as in `SwapOptions`.
   */
  note(
    batch: BatchRef,
    row: number,
    change: { found: Outcome; next: Outcome },
    options?: Pick<SwapOptions, 'beginsCall' | 'givesBack'>,
  ): Promise<NoteResult>;
  /**
   * Gives the row its next session and keeps the outcome before with the row's earlier ones. Otherwise as
   * `BatchStore.recordOutcome`.
   */
  renew(
    batch: BatchRef,
    row: number,
    change: { found: Outcome; next: Outcome },
    source: Source,
    options?: Pick<SwapOptions, 'givesBack'>,
  ): Promise<RenewResult>;
}
