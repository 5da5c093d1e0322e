import { z } from 'zod';
import type { Batch } from '../lib/core/batch/batch.ts';
import { formatRows, formatSessions } from '../lib/core/in-words.ts';
import {
  type ActEnding,
  BATCH_ACTS,
  BATCH_VERBS,
  type BatchVerb,
  carryOut,
  REASON_OPTION,
} from '../lib/requests/batch-acts.ts';
import { labelOf, type RequestOptions, readRequest, shapeOf } from '../lib/requests/option.ts';
import { describeProblems, UnusableRequest } from '../lib/requests/unusable-request.ts';
import { type ApiRoute, answerWith, change as changeByApi, refuseWith } from './api/api-route.ts';
import {
  keepAliveView,
  maxSessionsView,
  priorityView,
  rowsAgain,
  stateView,
} from './api/api-schemas.ts';
import { withBatch } from './api/with-batch.ts';
import type { DashboardContext } from './dashboard-env.ts';
import { readFields } from './form.ts';
import { refuse } from './pages/refusal.ts';
import { type DashboardPorts, withDay } from './ports.ts';
import { change, type Route } from './route.ts';

/** The dashboard's part of an act, in addition to the act itself. */
interface ActFace {
  method: 'POST' | 'PUT';
  answer: z.ZodType;
  /** The message on the batch's page afterwards. `rows`: how many rows it concerned, if it concerns rows. */
  done: (rows: number) => string;
}

const FACES: Record<BatchVerb, ActFace> = {
  pause: {
    method: 'POST',
    answer: stateView,
    done: () => 'No more rows are started; calls under way finish.',
  },
  resume: { method: 'POST', answer: stateView, done: () => 'The batch is resumed.' },
  cancel: {
    method: 'POST',
    answer: stateView,
    done: () => 'The batch is cancelled; results stay. “Undo cancel” queues its rows again.',
  },
  retry: {
    method: 'POST',
    answer: rowsAgain,
    done: (rows) => `${formatRows(rows)} queued for retry.`,
  },
  refresh: {
    method: 'POST',
    answer: rowsAgain,
    done: (rows) => `Reopening ${formatSessions(rows)}.`,
  },
  priority: { method: 'PUT', answer: priorityView, done: () => 'The priority is set.' },
  'max-sessions': {
    method: 'PUT',
    answer: maxSessionsView,
    done: () => 'The maximum of sessions is set.',
  },
  'keep-alive': {
    method: 'PUT',
    answer: keepAliveView,
    done: () => 'The time to keep its sessions alive is set.',
  },
};

/** The acts on a batch, as routes of the API. */
export const actApi = (ports: DashboardPorts): ApiRoute[] =>
  BATCH_VERBS.map((verb) => {
    const { method, answer } = FACES[verb];
    const { summary } = BATCH_ACTS[verb];
    const body = z.strictObject(shapeOf(optionsOf(verb)));
    return changeByApi(
      method,
      `/batches/:id/${verb}`,
      { summary, body, answer },
      async ({ context, body: request }) =>
        await withBatch(ports, context, async (batch) => {
          const ending = await act(ports, context, verb, batch, request);
          return ending.kind === 'done' ? answerWith(ending.result) : refuseWith(ending);
        }),
    );
  });

/** The acts on a batch, as the routes of its page's buttons. */
export const actRoutes = (ports: DashboardPorts): Route[] =>
  BATCH_VERBS.map((verb) =>
    change(`/batches/:id/${verb}`, async (context) => {
      const id = context.req.param('id') ?? '';
      const batch = await ports.store.readBatch(id);
      if (batch === null) return await refuse(context, { kind: 'not_found', what: `batch ${id}` });
      const ending = await actByForm(ports, context, verb, batch);
      if (ending.kind === 'impossible') return await refuse(context, ending);
      const rows = 'rows' in ending.result ? ending.result.rows : 0;
      return context.redirect(`${placeOf(context, id)}?done=${verb}&rows=${rows}`, 303);
    }),
  );

/** The page that the button was on: a row's, or the batch's. */
function placeOf({ req }: DashboardContext, id: string): string {
  const row = /^\d{1,10}$/.exec(req.query('row') ?? '')?.[0];
  return row === undefined ? `/batches/${id}` : `/batches/${id}/rows/${row}`;
}

/**
 * The page has one form for all buttons. Each act reads only its own fields and the address that the form was sent
 * to.
 */
async function actByForm(
  ports: DashboardPorts,
  context: DashboardContext,
  verb: BatchVerb,
  batch: Batch,
): Promise<ActEnding> {
  // The page has asked already, with the numbers.
  const { dryRun: _, ...options } = optionsOf(verb);
  const { code = '', status = '', row = '' } = context.req.query();
  const given = { ...(await readFields(context)), codes: code, statuses: status, rows: row };
  const wanted = Object.entries(given).filter(([name]) => Object.hasOwn(options, name));
  try {
    const request = readRequest(options, Object.fromEntries(wanted));
    return await act(ports, context, verb, batch, request);
  } catch (error) {
    if (!(error instanceof UnusableRequest)) throw error;
    const sentence = describeProblems(error.problems, (name) => labelOf(options, name));
    return { kind: 'impossible', sentence };
  }
}

const optionsOf = (verb: BatchVerb): RequestOptions => ({
  ...BATCH_ACTS[verb].options,
  ...REASON_OPTION,
});

const act = (
  ports: DashboardPorts,
  context: DashboardContext,
  verb: BatchVerb,
  batch: Batch,
  request: object,
): Promise<ActEnding> => carryOut(withDay(ports), verb, batch, request, context.var.user.name);

/** The message on a batch's page about the act that led to it; null for an unknown act. */
export function describeDone(verb: string | undefined, rows: number): string | null {
  const face = Object.entries(FACES).find(([name]) => name === verb)?.[1];
  return face?.done(rows) ?? null;
}
