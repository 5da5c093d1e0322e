import type { Logger } from 'pino';
import { findReopened, note, reopenChosen } from '../batch/steer-batch.ts';
import type { Batch, BatchRef } from '../core/batch/batch.ts';
import { explainUnread } from '../core/batch/explain-unread.ts';
import { formatRows, formatSessions } from '../core/in-words.ts';
import { countRanges } from '../core/row/row-ranges.ts';
import { isRedisTrouble } from '../redis/trouble.ts';
import { type ActResult, carryOut } from '../requests/batch-acts.ts';
import type { ActContext } from '../requests/keep-alive-end.ts';
import { readRequest } from '../requests/option.ts';
import { UnusableRequest } from '../requests/unusable-request.ts';
import type { FindContext } from '../rows/find-rows.ts';
import { UnreadableRecord } from '../store/unreadable-record.ts';
import type { BegunStep, BulkStep, ChosenRows, RowVerb } from './bulk-action.ts';
import type { BulkRecord, BulkStore } from './bulk-store.ts';
import { optionsInBulk } from './draft-bulk.ts';
import { choiceOf, findPortion } from './rows-of-bulk.ts';

export interface BulkContext extends ActContext, FindContext {
  bulk: BulkStore;
  log: Logger;
}

type BegunRows = Extract<BegunStep, { kind: 'rows' }>;

const DONE: BulkStep = { next: null, batches: 0, rows: 0, left: 0 };

/** One step of a running action. May run twice: the second run repeats nothing. */
export async function takeStep(context: BulkContext, action: BulkRecord): Promise<BulkStep> {
  const endedByMs = action.chosenAtMs;
  const { chosen } = action;
  return chosen.kind === 'batches'
    ? await stepOverBatch({ ...context, endedByMs }, action, chosen.count)
    : await stepOverRows({ ...context, endedByMs }, action, chosen);
}

async function stepOverBatch(
  context: BulkContext,
  action: BulkRecord,
  count: number,
): Promise<BulkStep> {
  const { id, position } = action;
  const ref = await context.bulk.readBatch(id, position);
  if (ref === null) return DONE;
  const next = position + 1 < count ? position + 1 : null;
  const ending = await actOn(context, action, ref);
  return typeof ending === 'string'
    ? { ...DONE, next, left: 1, sentence: ending }
    : { ...DONE, next, batches: 1, rows: 'rows' in ending ? (ending.rows ?? 0) : 0 };
}

/** The result, or why the batch is left alone. */
async function actOn(
  context: BulkContext,
  { id, verb, request, who, reason, begun }: BulkRecord,
  ref: BatchRef,
): Promise<ActResult | string> {
  try {
    const batch = await readSame(context, ref);
    if (batch === null) return `Batch ${ref.id} was removed.`;
    const { state } = batch;
    if (begun === null) await context.bulk.begin(id, { kind: 'batch', state });
    const given = { ...readRequest(optionsInBulk(verb), request), reason, rows: null };
    const ending = await carryOut(context, verb, batch, given, who);
    if (ending.kind === 'done') return ending.result;
    // A process that died has already done it: the batch had another state before.
    return begun?.kind === 'batch' && begun.state !== state ? { state } : ending.sentence;
  } catch (error) {
    if (isRedisTrouble(error)) throw error;
    if (error instanceof UnreadableRecord || error instanceof UnusableRequest) {
      return `Batch ${ref.id}: ${error.message}`;
    }
    // One batch must not keep the others from their turn.
    context.log.error({ err: error, batch: ref.id }, 'bulk action failed');
    return `Batch ${ref.id}: something went wrong; the log has more.`;
  }
}

/** Not a newer batch with the same id. */
async function readSame({ store }: BulkContext, ref: BatchRef): Promise<Batch | null> {
  const batch = await store.readBatch(ref.id);
  return batch?.incarnation === ref.incarnation ? batch : null;
}

async function stepOverRows(
  context: BulkContext,
  action: BulkRecord,
  chosen: ChosenRows,
): Promise<BulkStep> {
  const batch = await readSame(context, chosen.batch);
  if (batch === null) return { ...DONE, sentence: `Batch ${chosen.batch.id} was removed.` };
  const unread = explainUnread(batch);
  if (unread !== null) return { ...DONE, sentence: unread };
  // Only once: videos that several rows name are read again, because they may have been fixed.
  if (action.position === 1) await context.steering.forgetProbes(batch);
  const { begun } = action;
  const step = begun?.kind === 'rows' ? begun : await beginRows(context, action, batch, chosen);
  const meant = countRanges(step.rows);
  const choice = choiceOf(action.verb as RowVerb, step.rows);
  const queued = meant === 0 ? 0 : await reopenChosen(context, batch, choice);
  // Rows that a dead process has queued may have ended again since.
  const rows = step === begun ? meant : queued;
  if (step.next === null) await noteOnce(context, action, batch, rows);
  return { ...DONE, next: step.next, rows, left: step.left + meant - rows };
}

/** Which rows the step is about. They are found once, because rows that are queued again no longer match a filter. */
async function beginRows(
  context: BulkContext,
  { id, verb, position }: BulkRecord,
  batch: Batch,
  chosen: ChosenRows,
): Promise<BegunRows> {
  const portion = await findPortion(context, batch, chosen, position);
  const choice = choiceOf(verb as RowVerb, portion.rows);
  const rows = await findReopened(context, batch, choice);
  const left = portion.count - countRanges(rows);
  const step = { kind: 'rows', rows, left, next: portion.next } as const;
  await context.bulk.begin(id, step);
  return step;
}

/**
 * One line in the batch's history for all steps. It looks for the line first, because the last step may run twice.
 */
async function noteOnce(
  context: BulkContext,
  { id, verb, who, reason, rows: before }: BulkRecord,
  batch: Batch,
  rows: number,
): Promise<void> {
  const all = before + rows;
  if (all === 0) return;
  const done = verb === 'retry' ? `retried ${formatRows(all)}` : `refreshed ${formatSessions(all)}`;
  const mark = `(bulk action ${id})`;
  const history = await context.steering.readHistory(batch.id);
  if (history.some(({ what }) => what.endsWith(mark))) return;
  await note(context, batch, { who, reason }, `${done} ${mark}`);
}
