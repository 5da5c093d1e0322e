import { z } from 'zod';
import { rowsToRefresh, rowsToRetry } from '../batch/choose-rows.ts';
import type { Effect } from '../batch/count-effect.ts';
import { changeBatch } from '../batch/pausing/by-person.ts';
import {
  cancelBatch,
  refreshSessions,
  retryRows,
  setBatchPriority,
  setKeepAlive,
  setMaxSessions,
} from '../batch/steer-batch.ts';
import type { Act } from '../core/act.ts';
import type { Batch, BatchState } from '../core/batch/batch.ts';
import { explainUnread } from '../core/batch/explain-unread.ts';
import { explainUsedUp } from '../core/budget/batch-budget.ts';
import { formatRows, formatSessions } from '../core/in-words.ts';
import { describeEnd, type KeepAlive } from '../core/renewal/keep-alive.ts';
import { RETRIED_STATUSES } from '../core/row/row.ts';
import { callsRows, describeLeft, describeUnclear } from './foretell.ts';
import { TIMING_OPTIONS, WORKING_OPTIONS } from './import-request.ts';
import { type ActContext, endOf, keepAliveEnd } from './keep-alive-end.ts';
import type { Request, RequestOptions } from './option.ts';
import {
  type CountingContext,
  PREVIEW_OPTION,
  type Preview,
  previewCalls,
  previewCancelling,
  retryFilterOf,
} from './preview.ts';
import { duration, limitOrOff, rowRanges, text } from './schemas.ts';
import { warnOfLimit } from './warn-of-limit.ts';

const REASON_RULE = 'A reason has at most 500 characters.';
/** Taken by every act. */
export const REASON_OPTION = {
  reason: {
    schema: z.string(REASON_RULE).trim().max(500, REASON_RULE),
    value: 'text',
    description: "kept in the batch's history",
    label: 'Reason',
  },
} satisfies RequestOptions;

/** The result of an act. */
export type ActResult =
  | { state: BatchState; rows?: number }
  | Effect
  | { priority: number }
  | { maxSessions: number | null }
  | { keepAlive: KeepAlive | null };

/** One act on a batch: its command, button and route are made from it. */
export interface BatchAct {
  /** For the help of its command. */
  description: string;
  /** For the description of the API. */
  summary: string;
  /** The arguments of its command in an example, after its name and the batch. */
  example: string;
  options: RequestOptions;
  /** May run twice. Null when the batch's state does not allow it. */
  run(context: ActContext, batch: Batch, request: never, act: Act): Promise<ActResult | null>;
  /**
   * What it would do; changes nothing. Null for acts that neither end rows nor call any; its result like that of
   * `run`.
   */
  preview:
    | ((context: CountingContext, batch: Batch, request: never) => Promise<Preview | null>)
    | null;
  /** The result in a sentence or two. */
  describe(batchId: string, result: never): string;
}

function act<Options extends RequestOptions, Result extends ActResult>(
  one: Omit<BatchAct, 'run' | 'preview' | 'describe' | 'options'> & {
    options: Options;
    preview?(
      context: CountingContext,
      batch: Batch,
      request: Request<Options>,
    ): Promise<Preview | null>;
    run(
      context: ActContext,
      batch: Batch,
      request: Request<Options>,
      act: Act,
    ): Promise<Result | null>;
    describe(batchId: string, result: Result): string;
  },
): BatchAct {
  return { preview: null, ...one } as BatchAct;
}

const stateOf = (state: BatchState | null): { state: BatchState } | null => state && { state };
const describeState = (batchId: string, { state }: { state: BatchState }): string =>
  `${batchId} is ${state}.`;
const STATUS_RULE = `Use some of ${RETRIED_STATUSES.join(', ')}.`;
const CODE_RULE = 'Name at least one error code.';
const ROWS_RULE = 'Use numbers of rows and ranges, such as 7,12-15.';

export const BATCH_ACTS = {
  pause: act({
    description: 'Starts no more rows of a batch; calls under way finish.',
    summary: 'Pause batch',
    example: '--reason "budget"',
    options: {},
    run: async (context, batch, _, by) => stateOf(await changeBatch(context, batch, 'pause', by)),
    describe: describeState,
  }),
  resume: act({
    description: 'Resumes a paused batch where it was.',
    summary: 'Resume batch',
    example: '',
    options: {},
    run: async (context, batch, _, by) => stateOf(await changeBatch(context, batch, 'resume', by)),
    describe: describeState,
  }),
  cancel: act({
    description:
      'Ends a batch. Results stay, calls under way finish and are recorded, every other row is cancelled at once.',
    summary: 'Cancel batch',
    example: '--reason "wrong file"',
    options: PREVIEW_OPTION,
    preview: async (_, batch) => previewCancelling(batch),
    run: async (context, batch, _, by) => stateOf(await cancelBatch(context, batch, by)),
    describe: (batchId, result) =>
      result.state === 'completed'
        ? `${describeState(batchId, result)} Its sessions are no longer kept alive.`
        : `${describeState(batchId, result)} \`kling-sessions retry ${batchId} --status cancelled\` undoes this.`,
  }),
  retry: act({
    description:
      'Queues ended rows again, by how they ended. Their earlier outcomes stay in their history.',
    summary: 'Retry rows',
    example: '--code http_404',
    options: {
      statuses: {
        schema: z
          .array(z.enum(RETRIED_STATUSES, STATUS_RULE), STATUS_RULE)
          .min(1, STATUS_RULE) as z.ZodType<(typeof RETRIED_STATUSES)[number][], string[]>,
        flag: 'status',
        value: 'list',
        description:
          'statuses of the rows, comma-separated; default failed,unconfirmed, or with --code any',
        label: 'Statuses',
      },
      codes: {
        schema: z.array(text(CODE_RULE), CODE_RULE).min(1, CODE_RULE),
        flag: 'code',
        value: 'list',
        description: 'rows that ended with one of these error codes, comma-separated',
        label: 'Error codes',
      },
      rows: {
        schema: rowRanges(ROWS_RULE),
        value: 'list',
        description:
          'only these rows, such as 7,12-15; without --status and --code those of them that have no session',
        label: 'Rows',
      },
      ...PREVIEW_OPTION,
    },
    preview: async (context, batch, request) =>
      await previewCalls(context, batch, rowsToRetry(retryFilterOf(batch, request))),
    run: async (context, batch, request, by) =>
      await retryRows(context, batch, retryFilterOf(batch, request), by),
    describe: (batchId, effect) =>
      effect.rows === 0
        ? `No row of ${batchId} ended like this; nothing was retried.${describeLeft(effect)}`
        : `${formatRows(effect.rows)} of ${batchId} queued for retry.${describeUnclear(effect)}${describeLeft(effect)}`,
  }),
  refresh: act({
    description:
      "Opens new sessions for rows whose session has expired or is about to. The old one stays in the row's history.",
    summary: 'Refresh sessions',
    example: '--within 4h',
    options: {
      within: {
        schema: duration('Use a duration such as 30m, 4h or 1d.'),
        value: 'duration',
        description: 'sessions that expire within this time',
        label: 'Expiring within',
        default: '4h',
      },
      ...PREVIEW_OPTION,
    },
    preview: async (context, batch, { within }) =>
      await previewCalls(context, batch, rowsToRefresh(context.now() + within)),
    run: async (context, batch, { within }, by) =>
      await refreshSessions(context, batch, within, by),
    describe: (batchId, { rows }) =>
      rows === 0
        ? `No session of ${batchId} expires within this time; nothing was reopened.`
        : `Reopening ${formatSessions(rows)} of ${batchId}.`,
  }),
  priority: act({
    description:
      'Changes how much of the work a batch gets compared with others: twice the priority, twice the share.',
    summary: 'Set priority',
    example: '40',
    options: {
      priority: {
        schema: WORKING_OPTIONS.priority.schema,
        value: 'n',
        description: WORKING_OPTIONS.priority.description,
        label: 'Priority',
        isRequired: true,
      },
    },
    run: async (context, batch, { priority }, by) => {
      await setBatchPriority(context, batch, priority, by);
      return { priority };
    },
    describe: (batchId, { priority }) => `${batchId} has priority ${priority}.`,
  }),
  'max-sessions': act({
    description:
      'Changes how many sessions a batch may open. If it waits for more, it continues at once.',
    summary: 'Set the maximum of sessions',
    example: '800',
    options: {
      maxSessions: {
        schema: limitOrOff(),
        value: 'n',
        description: 'sessions that the batch may open, those it has opened included, or off',
        label: 'Sessions at most',
        isRequired: true,
      },
    },
    run: async (context, batch, request, by) => {
      const maxSessions = request.maxSessions || null;
      await setMaxSessions(context, batch, maxSessions, by);
      return { maxSessions };
    },
    describe: (batchId, { maxSessions }) =>
      maxSessions === null
        ? `${batchId} may open any number of sessions.`
        : `${batchId} may open ${formatSessions(maxSessions)} in all.`,
  }),
  'keep-alive': act({
    description:
      'Renews the sessions of a batch shortly before they expire, for some time or until a time, or no longer.',
    summary: 'Keep sessions alive',
    example: '3d',
    options: {
      keepAlive: {
        schema: keepAliveEnd,
        value: 'end',
        description: 'a duration such as 3d, a time such as 18:00 or 2026-12-01T18:00, or off',
        label: 'Keep sessions alive',
        isRequired: true,
      },
      tz: TIMING_OPTIONS.tz,
    },
    run: async (context, batch, request, by) => {
      const keepAlive = endOf(request, batch, context);
      await setKeepAlive(context, batch, keepAlive, by);
      return { keepAlive };
    },
    describe: (batchId, { keepAlive }) =>
      keepAlive === null
        ? `The sessions of ${batchId} are no longer kept alive.`
        : `The sessions of ${batchId} are kept alive until ${describeEnd(keepAlive)}.`,
  }),
} satisfies Record<string, BatchAct>;
export type BatchVerb = keyof typeof BATCH_ACTS;
/** `Object.keys` with typed names. */
export const BATCH_VERBS = Object.keys(BATCH_ACTS) as BatchVerb[];

export type ActEnding = { kind: 'done'; result: ActResult; sentence: string } | Impossible;
/** `sentence`: why. */
type Impossible = { kind: 'impossible'; sentence: string };

/**
 * What the act would do, with the parsed values of its options; changes nothing. Null if it would do nothing, neither
 * ends rows nor calls any.
 */
export async function previewAct(
  context: CountingContext,
  verb: BatchVerb,
  batch: Batch,
  request: object,
): Promise<Preview | null> {
  const { preview }: BatchAct = BATCH_ACTS[verb];
  return (await preview?.(context, batch, request as never)) ?? null;
}

/**
 * Runs the act for `who`, with the parsed values of its options and of `REASON_OPTION`; with `dryRun` it only counts.
 * May run twice.
 */
export async function carryOut(
  context: ActContext,
  verb: BatchVerb,
  batch: Batch,
  request: object,
  who: string,
): Promise<ActEnding> {
  const one: BatchAct = BATCH_ACTS[verb];
  if (verb === 'resume' && batch.isAtLimit) {
    return { kind: 'impossible', sentence: explainUsedUp(batch) };
  }
  const { reason, dryRun } = request as { reason?: string | null; dryRun?: boolean };
  const by = { who, reason: reason || null };
  if (dryRun === true) {
    const preview = await previewAct(context, verb, batch, request);
    return preview === null ? explainImpossible(verb, batch) : asEnding(preview, batch);
  }
  const result = await one.run(context, batch, request as never, by);
  if (result !== null) {
    const sentence = one.describe(batch.id, result as never);
    const warning = await warnOfLimit(context, verb, batch);
    return { kind: 'done', result, sentence: `${sentence}${warning}` };
  }
  return explainImpossible(verb, batch);
}

/** A dry run ends in the form of the act itself. */
function asEnding({ effect, sentence }: Preview, { state }: Batch): ActEnding {
  return {
    kind: 'done',
    result: { state, ...effect },
    sentence: `${sentence} Nothing was changed.`,
  };
}

function explainImpossible(verb: BatchVerb, batch: Batch): Impossible {
  const unread = callsRows(verb) ? explainUnread(batch) : null;
  const sentence = unread ?? `Batch ${batch.id} is ${batch.state}; there is nothing to ${verb}.`;
  return { kind: 'impossible', sentence };
}
