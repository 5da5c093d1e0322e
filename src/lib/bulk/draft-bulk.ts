import { countEffect, type Effect, NO_EFFECT } from '../batch/count-effect.ts';
import type { Batch, BatchRef } from '../core/batch/batch.ts';
import type { SessionsLeft } from '../core/budget/day-left.ts';
import { formatCount, formatRows } from '../core/in-words.ts';
import type { RowRanges } from '../core/row/row-ranges.ts';
import { readSessionsLeft } from '../gate/read-sessions-left.ts';
import { BATCH_ACTS, type BatchVerb } from '../requests/batch-acts.ts';
import { type CallBudgets, callsRows, describeLeft, foretellCalls } from '../requests/foretell.ts';
import type { ActContext } from '../requests/keep-alive-end.ts';
import { type RequestOptions, readRequest, type WrittenRequest } from '../requests/option.ts';
import { refuseRequest } from '../requests/unusable-request.ts';
import type { FindContext } from '../rows/find-rows.ts';
import type { BatchOverview } from '../store/batch-overview.ts';
import type { ChosenRows, RowVerb } from './bulk-action.ts';
import type { BulkStore } from './bulk-store.ts';
import { type CountedBatch, type CountedRequest, foretellBatches } from './foretell-batches.ts';
import { choiceOf, findPortion } from './rows-of-bulk.ts';

export interface DraftContext extends ActContext, FindContext {
  bulk: BulkStore;
  overview: Pick<BatchOverview, 'readSessions'>;
}

interface Wanted<Verb extends BatchVerb> {
  verb: Verb;
  who: string;
  reason: string | null;
}

/** Batches of one action. */
export const MAX_BATCHES = 10_000;
/** Rows of one action that are named one by one. */
export const MAX_NAMED_ROWS = 10_000;
/** A confirmation page must appear soon. After this time it says how far it has counted. */
const COUNTING_MS = 1_500;
const READ_AT_ONCE = 100;
const LISTED_ERRORS = 200;

/**
 * The options of an act on many batches. Row numbers apply to one batch only, and a draft counts anyway, so neither
 * `rows` nor `dryRun` is among them.
 */
export function optionsInBulk(verb: BatchVerb): RequestOptions {
  const { rows: _, dryRun: __, ...options } = BATCH_ACTS[verb].options as RequestOptions;
  return options;
}

/**
 * Counts what an act would do to these batches, and stores it as a draft. Returns its id.
 * @throws UnusableRequest for invalid options, too many batches, or if the act does nothing.
 */
export async function draftForBatches(
  context: DraftContext,
  {
    verb,
    who,
    reason,
    request,
    batches,
  }: Wanted<BatchVerb> & {
    request: WrittenRequest;
    batches: readonly Batch[];
  },
): Promise<string> {
  const parsed = readRequest(optionsInBulk(verb), request) as CountedRequest;
  if (batches.length === 0) throw refuseRequest(null, 'Choose at least one batch.');
  if (batches.length > MAX_BATCHES) {
    const most = formatCount(MAX_BATCHES);
    throw refuseRequest(null, `More than ${most} batches match. Narrow the filter.`);
  }
  const chosenAtMs = await context.bulk.nowMs();
  const day = await dayFor(context, verb);
  const counted = await countAll(context, verb, batches, parsed);
  const forecast = foretellBatches(verb, counted, parsed, day);
  if (forecast === null) {
    throw refuseRequest(null, `None of the chosen batches has anything to ${verb}.`);
  }
  const chosen = { kind: 'batches' as const, count: batches.length };
  const draft = { verb, request, chosen, who, reason, chosenAtMs, forecast };
  return await context.bulk.create(draft, batches);
}

/** The sessions that this day has left, if the act may use some. */
const dayFor = async ({ day }: DraftContext, verb: BatchVerb): Promise<SessionsLeft | null> =>
  callsRows(verb) ? await readSessionsLeft(day) : null;

const NO_SESSIONS = { alive: 0, expiringSoon: 0, expired: 0 };

async function countAll(
  { overview, store, now }: DraftContext,
  verb: BatchVerb,
  batches: readonly Batch[],
  { codes }: CountedRequest,
): Promise<CountedBatch[]> {
  const counted: CountedBatch[] = [];
  const count = async (batch: Batch): Promise<CountedBatch> => ({
    batch,
    sessions: verb === 'refresh' ? await overview.readSessions(batch.id, now()) : NO_SESSIONS,
    errors: codes ? await store.readErrors(batch.id, LISTED_ERRORS) : [],
  });
  for (let at = 0; at < batches.length; at += READ_AT_ONCE) {
    counted.push(...(await Promise.all(batches.slice(at, at + READ_AT_ONCE).map(count))));
  }
  return counted;
}

/**
 * The same for rows of one batch. If a filter matches many rows, it counts for a fixed time and says how far it got.
 * @throws UnusableRequest as above.
 */
export async function draftForRows(
  context: DraftContext,
  {
    verb,
    who,
    reason,
    batch,
    ...filter
  }: Wanted<RowVerb> &
    Pick<ChosenRows, 'statuses' | 'code' | 'text'> & { batch: Batch; rows: RowRanges | null },
): Promise<string> {
  const last = filter.rows?.at(-1)?.to ?? 0;
  if (last > batch.rows) {
    const sentence = `There is no row ${last} in batch ${batch.id}; it has ${formatRows(batch.rows)}.`;
    throw refuseRequest('rows', sentence);
  }
  const rows = filter.rows?.map(({ from, to }) => ({ from, to })) ?? null;
  const { id, incarnation }: BatchRef = batch;
  const chosen = { kind: 'rows' as const, ...filter, rows, batch: { id, incarnation } };
  const chosenAtMs = await context.bulk.nowMs();
  const forecast = await foretellRows(context, verb, batch, chosen);
  const draft = { verb, request: {}, chosen, who, reason, chosenAtMs, forecast };
  return await context.bulk.create(draft, []);
}

async function foretellRows(
  context: DraftContext,
  verb: RowVerb,
  batch: Batch,
  chosen: ChosenRows,
): Promise<string> {
  const budgets = { batch, day: await dayFor(context, verb) };
  const untilMs = context.now() + COUNTING_MS;
  let effect: Effect = NO_EFFECT;
  let matching = 0;
  for (let from: number | null = 1; from !== null; ) {
    const portion = await findPortion(context, batch, chosen, from);
    const { rows, count, next } = portion;
    const some = await countEffect(context.store, batch, choiceOf(verb, rows), context.now());
    effect = sumOf(effect, some);
    matching += count;
    from = next;
    if (from !== null && context.now() >= untilMs) {
      const [to, all] = [formatCount(from - 1), formatCount(batch.rows)];
      return `Counted so far, in rows 1 to ${to} of ${all}: ${describeRows(effect, matching, chosen, budgets)} The rows after these are included, too.`;
    }
  }
  if (effect.rows > 0) return describeRows(effect, matching, chosen, budgets);
  const noun = verb === 'retry' ? 'can be retried' : 'has a session to refresh';
  throw refuseRequest(
    null,
    `None of the ${formatRows(matching)} ${noun}.${describeLeft(chosen.rows === null ? NO_EFFECT : effect)}`,
  );
}

function describeRows(
  effect: Effect,
  matching: number,
  { rows }: ChosenRows,
  budgets: CallBudgets,
): string {
  // Named rows are listed by reason; for a filter, only the number is shown.
  const { left: _, ...unnamed } = effect;
  const said = foretellCalls(rows === null ? unnamed : effect, budgets);
  const others = matching - effect.rows;
  if (rows !== null || others === 0) return said;
  return `${said} ${formatRows(others)} that ${others === 1 ? 'matches is' : 'match are'} left alone.`;
}

function sumOf(one: Effect, other: Effect): Effect {
  return {
    rows: one.rows + other.rows,
    live: one.live + other.live,
    longestLifeMs: Math.max(one.longestLifeMs, other.longestLifeMs),
    unclear: one.unclear + other.unclear,
    left: other.left ?? one.left ?? [],
  };
}
