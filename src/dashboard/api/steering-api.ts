import { z } from 'zod';
import {
  cancelBatch,
  changeBatch,
  refreshSessions,
  retryRows,
  setBatchPriority,
} from '../../lib/batch/steer-batch.ts';
import { RETRIED_STATUSES } from '../../lib/core/row/row.ts';
import { parseDuration } from '../../lib/settings/duration.ts';
import type { DashboardPorts } from '../ports.ts';
import { type ApiRoute, answerWith, change, refuseWith } from './api-route.ts';
import { priorityView, rowsAgain, stateView } from './api-schemas.ts';
import { actOf, reasoned } from './reasoned.ts';
import { withBatch } from './with-batch.ts';

const wantedRetry = reasoned.extend({
  statuses: z
    .array(z.enum(RETRIED_STATUSES))
    .min(1)
    .nullable()
    .default(null)
    .describe('Null for `failed` and `unconfirmed`; with `codes` for all without a session.'),
  codes: z.array(z.string()).min(1).nullable().default(null).describe('Null for all.'),
});

const duration = z.string().transform((text, issues) => {
  const durationMs = parseDuration(text);
  if (durationMs !== null) return durationMs;
  issues.addIssue({ code: 'custom', message: 'use a duration such as 30m, 4h or 1d' });
  return z.NEVER;
});

const wantedRefresh = reasoned.extend({
  within: duration.prefault('4h').describe('Sessions that expire so soon, for example `4h`.'),
});

export const steeringApi = (ports: DashboardPorts): ApiRoute[] => [
  ...(['pause', 'resume', 'cancel'] as const).map((verb) => steer(ports, verb)),
  change(
    'POST',
    '/batches/:id/retry',
    { summary: 'Retry rows', body: wantedRetry, answer: rowsAgain },
    async ({ context, body }) =>
      withBatch(ports, context, async (batch) => {
        const statuses = body.statuses === null ? null : new Set(body.statuses);
        const codes = body.codes === null ? null : new Set(body.codes);
        const rows = await retryRows(ports, batch, { statuses, codes }, actOf(context, body));
        return answerWith({ rows });
      }),
  ),
  change(
    'POST',
    '/batches/:id/refresh',
    { summary: 'Refresh sessions', body: wantedRefresh, answer: rowsAgain },
    async ({ context, body }) =>
      withBatch(ports, context, async (batch) =>
        answerWith({
          rows: await refreshSessions(ports, batch, body.within, actOf(context, body)),
        }),
      ),
  ),
  change(
    'PUT',
    '/batches/:id/priority',
    {
      summary: 'Set priority',
      body: reasoned.extend({ priority: z.int().min(1).max(100) }),
      answer: priorityView,
    },
    async ({ context, body }) =>
      withBatch(ports, context, async ({ id }) => {
        const { priority } = body;
        await setBatchPriority(ports, id, priority, actOf(context, body));
        return answerWith({ priority });
      }),
  ),
];

const SUMMARIES = {
  pause: 'Pause batch',
  resume: 'Resume batch',
  cancel: 'Cancel batch',
} as const;

function steer(ports: DashboardPorts, verb: keyof typeof SUMMARIES): ApiRoute {
  return change(
    'POST',
    `/batches/:id/${verb}`,
    { summary: SUMMARIES[verb], body: reasoned, answer: stateView },
    async ({ context, body }) =>
      withBatch(ports, context, async ({ id, state: before }) => {
        const act = actOf(context, body);
        const state =
          verb === 'cancel'
            ? await cancelBatch(ports, id, act)
            : await changeBatch(ports, id, verb, act);
        if (state !== null) return answerWith({ state });
        const sentence = `Batch ${id} is ${before}; there is nothing to ${verb}.`;
        return refuseWith({ kind: 'impossible', sentence });
      }),
  );
}
