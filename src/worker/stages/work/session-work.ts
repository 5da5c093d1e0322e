import type { BatchOptions } from '../../../lib/core/batch/batch.ts';
import type { Ending } from '../../../lib/core/row/compose-outcome.ts';
import type { RetryPolicy } from '../../../lib/core/row/decide-next-step.ts';
import type { RowProgress } from '../../../lib/core/row/row-progress.ts';
import type { CallBudget } from '../../../lib/store/batch-store.ts';

/**
 * The result of beginning a call. `changed`: the row is taken again. `dropped`: its job has nothing left to do.
 * `no_session_today`: all workers together have used the sessions of the day; the day's end is given.
 */
export type BegunCall =
  | { kind: 'begun' | 'changed' | 'dropped' }
  | { kind: 'no_session_today'; dayEndMs: number };

/** A row that needs a session, in the worker that has it: one that has none yet, or one whose session is renewed. */
export interface SessionWork {
  readonly progress: RowProgress;
  readonly options: BatchOptions;
  readonly retryPolicy: RetryPolicy;
  /** The id of the row at the gate and in logs. */
  readonly name: string;
  /** When its present session expires; null without one. */
  readonly presentUntilMs: number | null;
  /** Stores the next progress; false when another worker has moved the row on, so that this one drops it. */
  advance(patch: Partial<RowProgress>): Promise<boolean>;
  /** The last write before a call, which counts the session that may be opened. */
  beginCall(patch: Partial<RowProgress>, budget: CallBudget): Promise<BegunCall>;
  /** The call that `beginCall` counted has opened no session: the next write gives it back. */
  giveBackSession(): void;
  /** Records the ending, whether the row got its session or not. */
  end(ending: Ending, patch?: Partial<RowProgress>): Promise<void>;
}
