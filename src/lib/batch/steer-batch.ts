import type { Act } from '../core/act.ts';
import {
  type Batch,
  type BatchEvent,
  type BatchRef,
  type BatchState,
  countPending,
} from '../core/batch/batch.ts';
import { countChunks } from '../core/batch/chunk.ts';
import { phaseOfWindow } from '../core/batch/daily-window.ts';
import { formatRows, formatSessions } from '../core/in-words.ts';
import type { Outcome } from '../core/row/outcome.ts';
import type { OutcomeStatus } from '../core/row/row.ts';
import { dispatchJobOf } from '../queue/jobs.ts';
import type { Queues } from '../queue/queues.ts';
import type { BatchSteering } from '../store/batch-steering.ts';
import type { BatchStore } from '../store/batch-store.ts';
import { endCancelledRows } from './end-cancelled-rows.ts';

export interface SteeringContext {
  store: BatchStore;
  steering: BatchSteering;
  queues: Queues;
  now: () => number;
}

/**
 * Pauses or resumes; null when the batch's state does not allow it. A person's decision outlasts the batch's window.
 */
export async function changeBatch(
  context: SteeringContext,
  batch: BatchRef,
  event: Extract<BatchEvent, 'pause' | 'resume'>,
  act: Act,
): Promise<BatchState | null> {
  const reason = event === 'pause' ? (act.reason ?? `by ${act.who}`) : act.reason;
  if (event === 'resume') await outlastWindow(context, batch);
  const state =
    (await context.store.changeState(batch, event, reason, context.now())) ??
    (event === 'pause' ? await takeOverPause(context, batch, reason) : null);
  if (state === null) return null;
  await note(context, batch, act, event === 'pause' ? 'paused' : 'resumed');
  await dispatch(context, batch);
  return state;
}

/** A batch that is resumed outside its window runs until the window has opened and closed again. */
async function outlastWindow(
  { store, steering, now }: SteeringContext,
  batch: BatchRef,
): Promise<void> {
  const window = (await store.readBatch(batch.id))?.arrangements.window ?? null;
  if (window === null) return;
  const { isInside, sinceMs } = phaseOfWindow(window, now());
  if (!isInside) await steering.ignoreWindow(batch, sinceMs);
}

async function takeOverPause(
  { steering }: SteeringContext,
  batch: BatchRef,
  reason: string | null,
): Promise<BatchState | null> {
  return (await steering.takeOverPause(batch, reason ?? '')) ? 'paused' : null;
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

/** A batch that waits for sessions goes on if it may open more than it has. Null for any number. */
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

/** Which ended rows to queue again. */
export interface RetryFilter {
  /** Null for failed and unconfirmed rows; with codes, for every row without a session except malformed ones. */
  statuses: ReadonlySet<OutcomeStatus> | null;
  /** Only rows that ended with one of these error codes; null for all. */
  codes: ReadonlySet<string> | null;
}

const FAILED: ReadonlySet<OutcomeStatus> = new Set(['failed', 'unconfirmed']);
const WITHOUT_SESSION: ReadonlySet<OutcomeStatus> = new Set([
  'rejected',
  'failed',
  'unconfirmed',
  'cancelled',
]);

/**
 * Queues rows again by how they ended. Returns how many, or null if the manifest was not read to its end, because the
 * missing rows would be forgotten. May be repeated after an interruption.
 */
export async function retryRows(
  context: SteeringContext,
  batch: Batch,
  filter: RetryFilter,
  act: Act,
): Promise<number | null> {
  if (!batch.isReadToEnd) return null;
  const { codes } = filter;
  const statuses = filter.statuses ?? (codes === null ? FAILED : WITHOUT_SESSION);
  const isWanted = ({ status, error }: Outcome): boolean =>
    statuses.has(status) && (codes === null || codes.has(error?.code ?? ''));
  const wantsCancelled = statuses.has('cancelled') && (codes === null || codes.has('cancelled'));
  await context.steering.forgetProbes(batch);
  const uncancelled = wantsCancelled ? await context.steering.uncancelRows(batch) : 0;
  const rows = uncancelled + (await reopen(context, batch, isWanted));
  await restart(context, batch, act, rows, `retried ${formatRows(rows)} (${nameFilter(filter)})`);
  return rows;
}

function nameFilter({ statuses, codes }: RetryFilter): string {
  if (codes === null) return [...(statuses ?? FAILED)].join(', ');
  return `${[...(statuses ?? [])].join(', ')} with ${[...codes].join(', ')}`.trim();
}

/**
 * Opens new sessions for rows whose session has expired or will within `withinMs`. Returns how many, or null like
 * `retryRows`.
 */
export async function refreshSessions(
  context: SteeringContext,
  batch: Batch,
  withinMs: number,
  act: Act,
): Promise<number | null> {
  if (!batch.isReadToEnd) return null;
  const untilMs = context.now() + withinMs;
  const isDying = ({ status, session }: Outcome): boolean =>
    (status === 'succeeded' || status === 'reused') &&
    session !== undefined &&
    session.expiresAtMs <= untilMs;
  const rows = await reopen(context, batch, isDying);
  await restart(context, batch, act, rows, `refreshed ${formatSessions(rows)}`);
  return rows;
}

async function reopen(
  { store, steering }: SteeringContext,
  batch: Batch,
  isWanted: (outcome: Outcome) => boolean,
): Promise<number> {
  let rows = 0;
  for (let chunk = 0; chunk < countChunks(batch.rows); chunk += 1) {
    const outcomes = await store.readOutcomes(batch.id, chunk);
    const wanted = [...outcomes].filter(([, outcome]) => isWanted(outcome));
    rows += await steering.reopenRows(batch, chunk, new Map(wanted));
  }
  return rows;
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

async function note(
  { steering, now }: SteeringContext,
  batch: BatchRef,
  { who, reason }: Act,
  what: string,
): Promise<void> {
  await steering.addHistory(batch, { atMs: now(), who, what, reason });
}

async function dispatch({ store, queues }: SteeringContext, batch: BatchRef): Promise<void> {
  const view = await store.readDispatch(batch.id);
  if (view?.batch.state !== 'running') return;
  await queues.addDispatch(dispatchJobOf(view.batch, view.epoch));
}
