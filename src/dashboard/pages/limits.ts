import { html } from 'hono/html';
import { z } from 'zod';
import { explainGate } from '../../lib/core/explain-gate.ts';
import { currentConcurrency, type Gate, limitsInForce, strictest } from '../../lib/core/gate.ts';
import { changeLimits, openGate } from '../../lib/steer-gate.ts';
import type { DashboardContext, Html } from '../dashboard-env.ts';
import { readForm } from '../form.ts';
import type { DashboardPorts } from '../ports.ts';
import { change, type Route, view } from '../route.ts';
import { csrfField, page } from './layout.ts';
import { refuse } from './refusal.ts';

/** An empty field follows the workers' own settings. */
const limitsForm = z.object({
  concurrency: z.union([z.literal(''), z.coerce.number().int().min(1).max(1_000)]),
  rate: z.union([z.literal(''), z.coerce.number().min(0).max(10_000)]),
});

export const limitRoutes = (ports: DashboardPorts): Route[] => [
  view('/limits', (context) => showLimits(ports, context)),
  change('/limits', async (context) => {
    const form = await readForm(context, limitsForm);
    if (form === null) {
      const sentence = 'Calls at once go from 1 to 1000, calls per second from 0 to 10000.';
      return await refuse(context, { kind: 'impossible', sentence });
    }
    const wanted: Partial<Gate['overrides']> = {
      concurrency: form.concurrency === '' ? null : form.concurrency,
      ratePerSecond: form.rate === '' ? null : form.rate,
    };
    await changeLimits(ports, wanted, { who: context.var.user.name, reason: null });
    return context.redirect('/limits', 303);
  }),
  change('/gate/open', async (context) => {
    await openGate(ports, { who: context.var.user.name, reason: null });
    return context.redirect('/limits', 303);
  }),
];

async function showLimits(ports: DashboardPorts, context: DashboardContext): Promise<Response> {
  const [{ gate, nowMs }, workers] = await Promise.all([
    ports.gateStore.read(),
    ports.listWorkers(),
  ]);
  const own = strictest(workers.map(({ limits }) => limits)) ?? ports.ownLimits;
  const limits = limitsInForce(gate, own);
  const sentence = explainGate(gate, nowMs) ?? 'Open: the API is called as rows come.';
  const field = (label: string, name: string, value: number | null, placeholder: number): Html =>
    html`<label>${label} <input name="${name}" inputmode="decimal" value="${value ?? ''}" placeholder="${placeholder}"></label>`;
  const { concurrency, ratePerSecond } = gate.overrides;
  return await page(context, {
    title: 'Limits',
    content: html`<h1>Limits</h1>
      <p>${sentence} ${currentConcurrency(gate, own)} of ${limits.concurrency} calls at once.</p>
      <form method="post" action="/limits">${csrfField(context)}
        ${field('Calls at once', 'concurrency', concurrency, own.concurrency)}
        ${field('Calls per second', 'rate', ratePerSecond, own.ratePerSecond)}
        <button>Set for all workers</button></form>`,
  });
}
