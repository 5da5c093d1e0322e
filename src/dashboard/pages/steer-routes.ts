import { z } from 'zod';
import {
  type Act,
  cancelBatch,
  changeBatch,
  type RetryFilter,
  refreshSessions,
  retryRows,
  setBatchPriority,
} from '../../lib/batch/steer-batch.ts';
import type { Batch } from '../../lib/core/batch/batch.ts';
import type { DashboardContext } from '../dashboard-env.ts';
import { readForm } from '../form.ts';
import type { DashboardPorts } from '../ports.ts';
import { change, type Route } from '../route.ts';
import { refuse } from './refusal.ts';

const HOUR_MS = 3_600_000;
const WITHIN_MS = { '1h': HOUR_MS, '4h': 4 * HOUR_MS, '12h': 12 * HOUR_MS, '24h': 24 * HOUR_MS };

const steeringForm = z.object({
  reason: z
    .string()
    .trim()
    .max(300)
    .default('')
    .transform((text) => (text === '' ? null : text)),
  priority: z.coerce.number().int().min(1).max(100).default(10),
  within: z.enum(['1h', '4h', '12h', '24h']).default('4h'),
});
type SteeringForm = z.infer<typeof steeringForm>;

/** How many rows it was about; null when the batch's state does not allow it. */
type Steer = (
  batch: Batch,
  act: Act,
  form: SteeringForm,
  context: DashboardContext,
) => Promise<number | null>;

/** What operators do to a batch. All of it goes into the batch's history under their name. */
export function steerRoutes(ports: DashboardPorts): Route[] {
  const oneOf = (state: string | null): number | null => (state === null ? null : 0);
  const verbs: Record<string, Steer> = {
    pause: async ({ id }, act) => oneOf(await changeBatch(ports, id, 'pause', act)),
    resume: async ({ id }, act) => oneOf(await changeBatch(ports, id, 'resume', act)),
    cancel: async ({ id }, act) => oneOf(await cancelBatch(ports, id, act)),
    retry: (batch, act, _form, context) => retryRows(ports, batch, retryFilterOf(context), act),
    refresh: (batch, act, { within }) => refreshSessions(ports, batch, WITHIN_MS[within], act),
    priority: async ({ id }, act, { priority }) => {
      await setBatchPriority(ports, id, priority, act);
      return 0;
    },
  };
  return Object.entries(verbs).map(([verb, steer]) =>
    change(`/batches/:id/${verb}`, (context) => carryOut(ports, context, verb, steer)),
  );
}

async function carryOut(
  { store }: DashboardPorts,
  context: DashboardContext,
  verb: string,
  steer: Steer,
): Promise<Response> {
  const id = context.req.param('id') ?? '';
  const batch = await store.readBatch(id);
  if (batch === null) return await refuse(context, { kind: 'not_found', what: `batch ${id}` });
  const form = await readForm(context, steeringForm);
  if (form === null) {
    const sentence = 'The priority goes from 1 to 100, and a reason has at most 300 characters.';
    return await refuse(context, { kind: 'impossible', sentence });
  }
  const act = { who: context.var.user.name, reason: form.reason };
  const rows = await steer(batch, act, form, context);
  if (rows === null) {
    const sentence = `Batch ${id} is ${batch.state}; there is nothing to ${verb}.`;
    return await refuse(context, { kind: 'impossible', sentence });
  }
  return context.redirect(`/batches/${id}?done=${verb}&rows=${rows}`, 303);
}

/** Which rows, by the address of the button that was pressed. */
function retryFilterOf({ req }: DashboardContext): RetryFilter {
  const code = req.query('code');
  return { statuses: null, codes: code === undefined ? null : new Set([code]) };
}
