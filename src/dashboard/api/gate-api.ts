import { z } from 'zod';
import type { Act } from '../../lib/core/act.ts';
import type { Gate } from '../../lib/core/gate/gate.ts';
import { changeLimits, openGate } from '../../lib/gate/steer-gate.ts';
import { REASON_OPTION } from '../../lib/requests/batch-acts.ts';
import { LIMIT_OPTIONS } from '../../lib/requests/limits-request.ts';
import { shapeOf } from '../../lib/requests/option.ts';
import type { DashboardContext } from '../dashboard-env.ts';
import type { DashboardPorts } from '../ports.ts';
import { readGate } from '../read/read-gate.ts';
import { type ApiRoute, answerWith, change, get } from './api-route.ts';
import { gateView } from './api-schemas.ts';

const reasoned = z.strictObject(shapeOf(REASON_OPTION));

/** A limit that is left out stays as it is; null follows the workers' own settings again. */
const wantedLimits = reasoned.extend({
  concurrency: LIMIT_OPTIONS.concurrency.schema.nullable().optional(),
  ratePerSecond: LIMIT_OPTIONS.ratePerSecond.schema.nullable().optional(),
  sessionsPerDay: LIMIT_OPTIONS.sessionsPerDay.schema.nullable().optional(),
});

const actOf = (
  { var: { user } }: DashboardContext,
  { reason }: z.output<typeof reasoned>,
): Act => ({
  who: user.name,
  reason: reason || null,
});

export const gateApi = (ports: DashboardPorts): ApiRoute[] => [
  get('/gate', { summary: 'Read gate and limits', answer: gateView }, async () =>
    answerWith((await readGate(ports)).view),
  ),
  change(
    'POST',
    '/gate/open',
    { summary: 'Open gate', body: reasoned, answer: gateView },
    async ({ context, body }) => {
      await openGate(ports, actOf(context, body));
      return answerWith((await readGate(ports)).view);
    },
  ),
  change(
    'PUT',
    '/limits',
    { summary: 'Set limits', body: wantedLimits, answer: gateView },
    async ({ context, body }) => {
      const { concurrency, ratePerSecond, sessionsPerDay } = body;
      const wanted: Partial<Gate['overrides']> = {
        ...(concurrency !== undefined && { concurrency }),
        ...(ratePerSecond !== undefined && { ratePerSecond }),
        ...(sessionsPerDay !== undefined && { sessionsPerDay }),
      };
      await changeLimits(ports, wanted, actOf(context, body));
      return answerWith((await readGate(ports)).view);
    },
  ),
];
