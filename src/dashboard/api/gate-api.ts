import { z } from 'zod';
import type { Gate } from '../../lib/core/gate/gate.ts';
import { changeLimits, openGate } from '../../lib/gate/steer-gate.ts';
import type { DashboardPorts } from '../ports.ts';
import { readGate } from '../read/read-gate.ts';
import { type ApiRoute, answerWith, change, get } from './api-route.ts';
import { gateView } from './api-schemas.ts';
import { actOf, reasoned } from './reasoned.ts';

const wantedLimits = reasoned.extend({
  concurrency: z.int().min(1).max(1_000).nullable().optional(),
  ratePerSecond: z.number().min(0).max(10_000).nullable().optional(),
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
      const { concurrency, ratePerSecond } = body;
      const wanted: Partial<Gate['overrides']> = {
        ...(concurrency !== undefined && { concurrency }),
        ...(ratePerSecond !== undefined && { ratePerSecond }),
      };
      await changeLimits(ports, wanted, actOf(context, body));
      return answerWith((await readGate(ports)).view);
    },
  ),
];
