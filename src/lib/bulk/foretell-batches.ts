import { type Effect, NO_EFFECT } from '../batch/count-effect.ts';
import { type Batch, countPending, nextBatchState, type RowCounts } from '../core/batch/batch.ts';
import { explainShortOfMany } from '../core/budget/batch-budget.ts';
import { explainShortDay, type SessionsLeft } from '../core/budget/day-left.ts';
import { formatBatches, formatCount, formatRows } from '../core/in-words.ts';
import { RETRIED_BY_DEFAULT } from '../core/row/row.ts';
import type { SessionCounts } from '../core/time-buckets.ts';
import type { BatchVerb } from '../requests/batch-acts.ts';
import { callsRows, foretellCalls, foretellCancelling } from '../requests/foretell.ts';
import type { ErrorCount } from '../store/batch-store.ts';

/** A batch, and what is counted beside it if the act needs it. */
export interface CountedBatch {
  batch: Batch;
  sessions: SessionCounts;
  errors: readonly ErrorCount[];
}

/** The parsed values of an act's options that counting uses. */
export interface CountedRequest {
  statuses?: readonly (keyof RowCounts)[] | null;
  codes?: readonly string[] | null;
  within?: number;
  priority?: number;
  maxSessions?: number | null;
  keepAlive?: string;
}

const FOUR_HOURS_MS = 4 * 3_600_000;

/** How many rows of a batch an act concerns, by its counters; null if its state does not allow the act. */
function countConcerned(
  verb: BatchVerb,
  { batch, sessions, errors }: CountedBatch,
  request: CountedRequest,
): number | null {
  switch (verb) {
    case 'pause':
    case 'resume':
    case 'cancel':
      return canChange(verb, batch) ? countPending(batch.counts) : null;
    case 'retry':
      return countIn(batch, countRetried(batch.counts, errors, request));
    case 'refresh':
      return countIn(batch, countExpiring(sessions, request));
    case 'priority':
    case 'max-sessions':
    case 'keep-alive':
      return 0;
  }
}

function canChange(verb: 'pause' | 'resume' | 'cancel', batch: Batch): boolean {
  if (verb === 'resume' && batch.isAtLimit) return false;
  if (nextBatchState(batch.state, verb) !== null) return true;
  // A pause by a person replaces one by the window; a cancellation also ends renewals.
  return verb === 'pause'
    ? batch.isOutsideWindow
    : verb === 'cancel' && batch.keepAlive !== null && countPending(batch.counts) === 0;
}

const countIn = ({ isReadToEnd }: Batch, rows: number): number | null =>
  isReadToEnd && rows > 0 ? rows : null;

function countRetried(
  counts: RowCounts,
  errors: readonly ErrorCount[],
  { statuses, codes }: CountedRequest,
): number {
  if (codes) {
    const wanted = errors.filter(({ code }) => codes.includes(code));
    return wanted.reduce((sum, { count }) => sum + count, 0);
  }
  const wanted = statuses ?? RETRIED_BY_DEFAULT;
  return wanted.reduce((sum, status) => sum + counts[status], 0);
}

/** An upper bound, because sessions are counted in a few spans only. */
function countExpiring(
  { alive, expiringSoon, expired }: SessionCounts,
  { within = FOUR_HOURS_MS }: CountedRequest,
): number {
  return expired + (within <= FOUR_HOURS_MS ? expiringSoon : alive);
}

/** What the act does to all of these, in sentences; null if it does nothing. */
export function foretellBatches(
  verb: BatchVerb,
  counted: readonly CountedBatch[],
  request: CountedRequest,
  day: SessionsLeft | null,
): string | null {
  const concerned = counted.flatMap((one) => {
    const rows = countConcerned(verb, one, request);
    return rows === null ? [] : [{ batch: one.batch, rows }];
  });
  if (concerned.length === 0) return null;
  const rows = concerned.reduce((sum, one) => sum + one.rows, 0);
  const unclear = countUnclear(
    concerned.map(({ batch }) => batch),
    request,
  );
  const effect = { ...NO_EFFECT, rows, unclear };
  const short = [
    callsRows(verb) ? explainShortOfMany(concerned, verb === 'refresh') : null,
    callsRows(verb) && day
      ? explainShortDay(day, rows, verb === 'refresh' ? 'up to' : 'at least')
      : null,
  ].filter((sentence) => sentence !== null);
  const isShort = short.length > 0;
  const said = [describe(verb, concerned.length, { effect, isShort }, request), ...short].join(' ');
  const left = counted.length - concerned.length;
  const others = `${formatBatches(left)} ${left === 1 ? 'has' : 'have'} nothing to ${verb} and ${left === 1 ? 'is' : 'are'} left alone.`;
  return left === 0 ? said : `${said} ${others}`;
}

function countUnclear(batches: readonly Batch[], { statuses, codes }: CountedRequest): number {
  if (codes || (statuses && !statuses.includes('unconfirmed'))) return 0;
  return batches.reduce((sum, { counts }) => sum + counts.unconfirmed, 0);
}

function describe(
  verb: BatchVerb,
  batches: number,
  { effect, isShort }: { effect: Effect; isShort: boolean },
  request: CountedRequest,
): string {
  const these = formatBatches(batches);
  const are = batches === 1 ? 'is' : 'are';
  switch (verb) {
    case 'pause':
      return `${these} ${are} paused, with ${formatRows(effect.rows)} left to do; calls under way finish.`;
    case 'resume':
      return `${these} ${are} resumed, with ${formatRows(effect.rows)} left to do.`;
    case 'cancel':
      return `${these} ${are} cancelled. ${foretellCancelling(effect)}`;
    case 'retry':
      return `In ${these}: ${foretellCalls(effect, { batch: null, day: null, isShort })}`;
    case 'refresh':
      return `In ${these}: new sessions for at most ${formatRows(effect.rows)}, with a call for each. A session that is still alive stays alive beside the new one.`;
    case 'priority':
      return `${these} ${batches === 1 ? 'gets' : 'get'} priority ${request.priority}.`;
    case 'max-sessions':
      return request.maxSessions
        ? `${these} may open ${formatCount(request.maxSessions)} sessions each.`
        : `${these} may open any number of sessions.`;
    case 'keep-alive':
      return request.keepAlive === 'off'
        ? `The sessions of ${these} are no longer kept alive.`
        : `The sessions of ${these} are kept alive: ${request.keepAlive}. Each renewal costs a call.`;
  }
}
