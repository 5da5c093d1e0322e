import { z } from 'zod';
import { explainGate } from '../../lib/core/explain-gate.ts';
import { currentConcurrency, type Gate, limitsInForce, strictest } from '../../lib/core/gate.ts';
import type { GateReading } from '../../lib/gate/gate-store.ts';
import { changeLimits, openGate } from '../../lib/steer-gate.ts';
import type { WorkerInfo } from '../../lib/worker-registry.ts';
import type { DashboardPorts } from '../ports.ts';
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

/** The gate as it stands, with the workers whose limits hold at it. */
export async function readGate(
  ports: DashboardPorts,
): Promise<{ reading: GateReading; workers: WorkerInfo[]; view: z.input<typeof gateView> }> {
  const [reading, workers] = await Promise.all([ports.gateStore.read(), ports.listWorkers()]);
  const { gate, nowMs } = reading;
  const ownLimits = strictest(workers.map(({ limits }) => limits)) ?? ports.ownLimits;
  const view = {
    ...gate,
    sentence: explainGate(gate, nowMs) ?? 'Open: the API is called as rows come.',
    concurrency: currentConcurrency(gate, ownLimits),
    limits: limitsInForce(gate, ownLimits),
    ownLimits,
  };
  return { reading, workers, view };
}
