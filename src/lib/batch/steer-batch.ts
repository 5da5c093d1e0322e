import type { Act } from '../core/act.ts';
import { type Batch, type BatchRef, type BatchState, countPending } from '../core/batch/batch.ts';
import { formatRows, formatSessions } from '../core/in-words.ts';
import { describeEnd, type KeepAlive } from '../core/renewal/keep-alive.ts';
import { RETRIED_BY_DEFAULT } from '../core/row/row.ts';
import { collectRanges, nameRows, type RowRanges } from '../core/row/row-ranges.ts';
import { dispatchJobOf } from '../queue/jobs.ts';
import type { Queues } from '../queue/queues.ts';
import type { BatchSteering } from '../store/batch-steering.ts';
import type { BatchStore } from '../store/batch-store.ts';
import {
  listChosen,
  type RetryFilter,
  type RowChoice,
  rowsToRefresh,
  rowsToRetry,
} from './choose-rows.ts';
import { addChosen, type Effect, noEffectOf } from './count-effect.ts';
import { endCancelledRows } from './end-cancelled-rows.ts';

export interface SteeringContext {
  store: BatchStore;
  steering: BatchSteering;
  queues: Queues;
  now: () => number;
  /** Rows that ended later are left alone, so that an act may run twice. Default none. */
  endedByMs?: number;
}

/**
 * Cancels a batch; its results stay. For a batch that has ended, renewals end; null if its sessions were not being
 * renewed.
 */
export async function cancelBatch(
  context: SteeringContext,
  batch: BatchRef,
  act: Act,
): Promise<BatchState | null> {
  const { store, steering, now } = context;
  const state = await steering.cancel(batch, act.reason, now());
  if (state === null) return await endKeepAlive(context, batch, act);
  await note(context, batch, act, 'cancelled');
  if (state === 'cancelled') return state;
  await endCancelledRows(store, batch, now());
  return (await store.readBatch(batch.id))?.state ?? state;
}

async function endKeepAlive(
  context: SteeringContext,
  batch: BatchRef,
  act: Act,
): Promise<BatchState | null> {
  const found = await context.store.readBatch(batch.id);
  if (found === null || found.keepAlive === null) return null;
  await setKeepAlive(context, batch, null, act);
  return found.state;
}

export async function setBatchPriority(
  context: SteeringContext,
  batch: BatchRef,
  priority: number,
  act: Act,
): Promise<void> {
  await context.steering.setPriority(batch, priority);
  await note(context, batch, act, `priority set to ${priority}`);
}

/** A batch that waits for sessions continues if it may open more than it has. Null removes the limit. */
export async function setMaxSessions(
  context: SteeringContext,
  batch: BatchRef,
  maxSessions: number | null,
  act: Act,
): Promise<void> {
  await context.steering.setMaxSessions(batch, maxSessions);
  await note(context, batch, act, `maximum of sessions set to ${maxSessions ?? 'off'}`);
  await dispatch(context, batch);
}

/** Until when the sessions of a batch are renewed; null ends that. */
export async function setKeepAlive(
  context: SteeringContext,
  batch: BatchRef,
  keepAlive: KeepAlive | null,
  act: Act,
): Promise<void> {
  await context.steering.setKeepAlive(batch, keepAlive);
  const what =
    keepAlive === null
      ? 'sessions no longer kept alive'
      : `sessions kept alive until ${describeEnd(keepAlive)}`;
  await note(context, batch, act, what);
}

/**
 * Queues rows again by how they ended. Returns the effect, or null if the manifest was not read to its end, because
 * the missing rows would be forgotten. May be repeated after an interruption.
 */
export async function retryRows(
  context: SteeringContext,
  batch: Batch,
  filter: RetryFilter,
  act: Act,
): Promise<Effect | null> {
  if (!batch.isReadToEnd) return null;
  const choice = rowsToRetry(filter);
  await context.steering.forgetProbes(batch);
  const effect = await reopen(context, batch, choice);
  const what = `retried ${formatRows(effect.rows)} (${nameFilter(filter)})`;
  await restart(context, batch, act, effect.rows, what);
  return effect;
}

/** For the history. */
function nameFilter({ statuses, codes, rows = null }: RetryFilter): string {
  const words = [
    [...(statuses ?? (codes === null && rows === null ? RETRIED_BY_DEFAULT : []))].join(', '),
    codes === null ? '' : `with ${[...codes].join(', ')}`,
    rows === null ? '' : `of rows ${nameRows(rows)}`,
  ];
  return words.filter((word) => word !== '').join(' ');
}

/**
 * Opens new sessions for rows whose session has expired or will within `withinMs`. Returns the effect, or null like
 * `retryRows`.
 */
export async function refreshSessions(
  context: SteeringContext,
  batch: Batch,
  withinMs: number,
  act: Act,
): Promise<Effect | null> {
  if (!batch.isReadToEnd) return null;
  const effect = await reopen(context, batch, rowsToRefresh(context.now() + withinMs));
  await restart(context, batch, act, effect.rows, `refreshed ${formatSessions(effect.rows)}`);
  return effect;
}

/**
 * Queues chosen rows again, without a line in the history. Returns how many. The manifest must have been read to its
 * end. May be repeated after an interruption.
 */
export async function reopenChosen(
  context: SteeringContext,
  batch: Batch,
  choice: RowChoice,
): Promise<number> {
  const { rows } = await reopen(context, batch, choice);
  await letRun(context, batch);
  return rows;
}

/** The rows that `reopenChosen` would queue again now. */
export async function findReopened(
  context: SteeringContext,
  batch: Batch,
  wanted: RowChoice,
): Promise<RowRanges> {
  const rows: number[] = [];
  for await (const { ended, untouched } of listChosen(
    context.store,
    batch,
    endedInTime(context, wanted),
  )) {
    rows.push(...ended.keys(), ...untouched);
  }
  return collectRanges(rows.sort((one, other) => one - other));
}

const endedInTime = (
  { endedByMs = Number.POSITIVE_INFINITY }: SteeringContext,
  choice: RowChoice,
): RowChoice => ({
  ...choice,
  isMeant: (outcome) => outcome.finishedAtMs <= endedByMs && choice.isMeant(outcome),
});

/** Queues the chosen rows again. Rows that change meanwhile are left alone. */
async function reopen(context: SteeringContext, batch: Batch, wanted: RowChoice): Promise<Effect> {
  const { store, steering, now } = context;
  const choice = endedInTime(context, wanted);
  // Rows that were cancelled all at once are also reopened all at once, even a million of them.
  const isAtOnce = choice.meansUntouched && choice.rows === null;
  let rows = isAtOnce ? await steering.uncancelRows(batch) : 0;
  let effect = noEffectOf(choice);
  const left = isAtOnce ? { ...choice, meansUntouched: false } : choice;
  for await (const chosen of listChosen(store, batch, left)) {
    const { chunk, ended, untouched } = chosen;
    effect = addChosen(effect, chosen, now());
    rows += await steering.reopenRows(batch, chunk, ended);
    rows += await steering.uncancelChosen(batch, chunk, untouched);
  }
  return { ...effect, rows };
}

async function restart(
  context: SteeringContext,
  batch: BatchRef,
  act: Act,
  rows: number,
  what: string,
): Promise<void> {
  const isRunning = await letRun(context, batch);
  if (isRunning && rows > 0) await note(context, batch, act, what);
}

/**
 * Lets the batch run again if rows of it are waiting, including those left by an interrupted retry. False if none
 * are.
 */
async function letRun(context: SteeringContext, batch: BatchRef): Promise<boolean> {
  const after = await context.store.readBatch(batch.id);
  if (after === null || countPending(after.counts) === 0) return false;
  await context.store.changeState(batch, 'reopen', null, context.now());
  await dispatch(context, batch);
  return true;
}

/** Adds what a person did to the batch's history. */
export async function note(
  { steering, now }: SteeringContext,
  batch: BatchRef,
  { who, reason }: Act,
  what: string,
): Promise<void> {
  await steering.addHistory(batch, { atMs: now(), who, what, reason });
}

/** Queues the dispatch job of a running batch. */
export async function dispatch({ store, queues }: SteeringContext, batch: BatchRef): Promise<void> {
  const view = await store.readDispatch(batch.id);
  if (view?.batch.state !== 'running') return;
  await queues.addDispatch(dispatchJobOf(view.batch, view.epoch));
}
