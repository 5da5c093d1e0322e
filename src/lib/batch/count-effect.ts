import { type Batch, countPending, type RowCounts } from '../core/batch/batch.ts';
import { hasSession, type Outcome } from '../core/row/outcome.ts';
import type { BatchStore } from '../store/batch-store.ts';
import { type ChosenRows, listChosen, type RowChoice } from './choose-rows.ts';
import { addLeftRow, type LeftRows } from './left-rows.ts';

/** What an act does to rows, counted. */
export interface Effect {
  /** Rows that are retried, or that end without an attempt. */
  rows: number;
  /** The rows among them with a live session. Each gets one more. */
  live: number;
  /** The longest remaining life of these sessions, in ms; 0 if there is none. */
  longestLifeMs: number;
  /**
   * The rows among them that were called without a clear answer. Each may have a session already, and get one more.
   */
  unclear: number;
  /** Rows that were named and are left alone; absent if no rows were named. */
  left?: LeftRows[];
}

export const NO_EFFECT: Effect = { rows: 0, live: 0, longestLifeMs: 0, unclear: 0 };

/** The effect on the chosen rows of one more chunk that have ended. Those that are left alone are added to `left`. */
export function addChosen(effect: Effect, { ended, left }: ChosenRows, nowMs: number): Effect {
  let sum = effect;
  for (const outcome of ended.values()) sum = addToEffect(sum, outcome, nowMs);
  for (const [row, outcome] of left) addLeftRow(sum.left ?? [], row, outcome);
  return sum;
}

/** Where counting begins. */
export const noEffectOf = ({ rows }: Pick<RowChoice, 'rows'>): Effect =>
  rows === null ? NO_EFFECT : { ...NO_EFFECT, left: [] };

type Ended = Pick<Outcome, 'status'> & {
  session?: Outcome['session'] | undefined;
  possibleOrphans?: number | undefined;
};

/** The effect of calling one row with this outcome again. */
export const effectOfRow = (outcome: Ended, nowMs: number): Effect =>
  addToEffect(NO_EFFECT, outcome, nowMs);

/** The effect on one more row. */
function addToEffect(effect: Effect, outcome: Ended, nowMs: number): Effect {
  const { status, session, possibleOrphans = 0 } = outcome;
  const isOpened = hasSession(outcome);
  const lifeMs = isOpened ? Math.max(0, (session?.expiresAtMs ?? 0) - nowMs) : 0;
  const isUnclear = status === 'unconfirmed' || (!isOpened && possibleOrphans > 0);
  return {
    ...effect,
    rows: effect.rows + 1,
    live: effect.live + Number(lifeMs > 0),
    longestLifeMs: Math.max(effect.longestLifeMs, lifeMs),
    unclear: effect.unclear + Number(isUnclear),
  };
}

/** What retrying these rows would do. Reads the outcomes of all rows, and changes nothing. */
export async function countEffect(
  store: Pick<BatchStore, 'readOutcomes' | 'findUntouched'>,
  batch: Batch,
  choice: RowChoice,
  nowMs: number,
): Promise<Effect> {
  let effect = noEffectOf(choice);
  for await (const chosen of listChosen(store, batch, choice)) {
    effect = addChosen(effect, chosen, nowMs);
    effect = { ...effect, rows: effect.rows + chosen.untouched.length };
  }
  return effect;
}

/** What cancelling a batch would do, by its counters. */
export const effectOfCancelling = ({ counts }: { counts: RowCounts }): Effect => ({
  ...NO_EFFECT,
  rows: countPending(counts),
});

/** What retrying a batch's rows without a session would do, by its counters: for pages, which read no rows. */
export const effectOfRetrying = (
  { counts }: { counts: RowCounts },
  statuses: readonly ('failed' | 'unconfirmed' | 'cancelled')[],
): Effect => ({
  ...NO_EFFECT,
  rows: statuses.reduce((sum, status) => sum + counts[status], 0),
  unclear: statuses.includes('unconfirmed') ? counts.unconfirmed : 0,
});
