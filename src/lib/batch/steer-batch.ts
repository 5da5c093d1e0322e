import type { Act } from '../core/act.ts';
import { type Batch, type BatchRef, type BatchState, countPending } from '../core/batch/batch.ts';
import { formatRows, formatSessions } from '../core/in-words.ts';
import { writeRowRanges } from '../core/row/row-ranges.ts';
import { dispatchJobOf } from '../queue/jobs.ts';
import type { Queues } from '../queue/queues.ts';
import type { BatchSteering } from '../store/batch-steering.ts';
import type { BatchStore } from '../store/batch-store.ts';
import {
  FAILED,
  listChosen,
  type RetryFilter,
  type RowChoice,
  rowsToRefresh,
  rowsToRetry,
} from './choose-rows.ts';
import { addToEffect, type Effect, NO_EFFECT } from './count-effect.ts';
import { endCancelledRows } from './end-cancelled-rows.ts';

export interface SteeringContext {
  store: BatchStore;
  steering: BatchSteering;
  queues: Queues;
  now: () => number;
}

/** Cancels a batch; its results stay. Null when the batch has already ended. */
export async function cancelBatch(
  context: SteeringContext,
  batch: BatchRef,
  act: Act,
): Promise<BatchState | null> {
  const { store, steering, now } = context;
  const state = await steering.cancel(batch, act.reason, now());
  if (state === null) return null;
  await note(context, batch, act, 'cancelled');
  if (state === 'cancelled') return state;
  await endCancelledRows(store, batch, now());
  return (await store.readBatch(batch.id))?.state ?? state;
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

const LONGEST_NAMED_ROWS = 60;

/** For the history. */
function nameFilter({ statuses, codes, rows = null }: RetryFilter): string {
  const named = rows === null ? '' : writeRowRanges(rows).join(', ');
  const numbers =
    named.length > LONGEST_NAMED_ROWS ? `${named.slice(0, LONGEST_NAMED_ROWS)}…` : named;
  const words = [
    [...(statuses ?? (codes === null && rows === null ? FAILED : []))].join(', '),
    codes === null ? '' : `with ${[...codes].join(', ')}`,
    rows === null ? '' : `of rows ${numbers}`,
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

/** Queues the chosen rows again. Rows that change meanwhile are left alone. */
async function reopen(
  { store, steering, now }: SteeringContext,
  batch: Batch,
  choice: RowChoice,
): Promise<Effect> {
  // A million rows that were cancelled at once are reopened at once.
  const isAtOnce = choice.meansUntouched && choice.rows === null;
  let rows = isAtOnce ? await steering.uncancelRows(batch) : 0;
  let effect = NO_EFFECT;
  const left = isAtOnce ? { ...choice, meansUntouched: false } : choice;
  for await (const { chunk, ended, untouched } of listChosen(store, batch, left)) {
    for (const outcome of ended.values()) effect = addToEffect(effect, outcome, now());
    rows += await steering.reopenRows(batch, chunk, ended);
    rows += await steering.uncancelChosen(batch, chunk, untouched);
  }
  return { ...effect, rows };
}

/** Lets the batch run again if rows of it are waiting, including those left by an interrupted retry. */
async function restart(
  context: SteeringContext,
  batch: BatchRef,
  act: Act,
  rows: number,
  what: string,
): Promise<void> {
  const after = await context.store.readBatch(batch.id);
  if (after === null || countPending(after.counts) === 0) return;
  await context.store.changeState(batch, 'reopen', null, context.now());
  if (rows > 0) await note(context, batch, act, what);
  await dispatch(context, batch);
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
