import { html } from 'hono/html';
import { changeLimits, openGate } from '../../lib/gate/steer-gate.ts';
import { LIMIT_OPTIONS } from '../../lib/requests/limits-request.ts';
import { labelOf, readRequest } from '../../lib/requests/option.ts';
import { describeProblems, UnusableRequest } from '../../lib/requests/unusable-request.ts';
import type { GateView, HistoryView } from '../api/api-schemas.ts';
import type { DashboardContext, Html } from '../dashboard-env.ts';
import { readFields } from '../form.ts';
import type { LiveHub } from '../live/live-hub.ts';
import { livePage } from '../live/live-page.ts';
import { actForm } from '../parts/act-form.ts';
import { gatePanel } from '../parts/gate-panel.ts';
import { historyList } from '../parts/history-list.ts';
import type { DashboardPorts } from '../ports.ts';
import { readGate } from '../read/read-gate.ts';
import { change, type Route } from '../route.ts';
import { csrfField } from './layout.ts';
import { refuse } from './refusal.ts';

interface Facts {
  gate: GateView;
  history: HistoryView['entries'];
  nowMs: number;
}

const SHOWN_HISTORY = 30;

export const limitRoutes = (ports: DashboardPorts, hub: LiveHub): Route[] => [
  ...livePage<Facts>(hub, {
    path: '/limits',
    title: () => 'Limits',
    read: () => readFacts(ports),
    parts: ({ gate, history, nowMs }, { role }) => ({
      gate: gatePanel(gate, role),
      history: historyList(history, nowMs),
    }),
    frame: (part, context, facts) => html`<h1>Limits</h1>${actForm(context)}
      <section class="card" aria-label="Gate" id="gate">${part('gate')}</section>
      ${context.var.user.role === 'operator' && limitsFields(context, facts.gate)}
      <section class="card"><h2>Changes</h2><div id="history">${part('history')}</div></section>`,
  }),
  change('/limits', (context) => setLimits(ports, context)),
  change('/gate/open', async (context) => {
    await openGate(ports, { who: context.var.user.name, reason: null });
    return context.redirect('/limits', 303);
  }),
];

async function readFacts(ports: DashboardPorts): Promise<Facts> {
  const [{ view }, history] = await Promise.all([readGate(ports), ports.audit.read(SHOWN_HISTORY)]);
  return { gate: view, history, nowMs: ports.now() };
}

function limitsFields(context: DashboardContext, { overrides, ownLimits: own }: GateView): Html {
  const { concurrency, ratePerSecond, sessionsPerDay } = overrides;
  const limitOf = (limit: number): number | string => limit || 'off';
  const field = (
    label: string,
    name: string,
    value: number | string | null,
    usual: number | string,
  ): Html =>
    html`<label>${label} <input name="${name}" inputmode="decimal" value="${value ?? ''}" placeholder="${usual}"></label>`;
  return html`<section class="card"><h2>For all workers, at once</h2>
    <form method="post" action="/limits" class="filter">${csrfField(context)}
      ${field('Calls at once', 'concurrency', concurrency, own.concurrency)}
      ${field('Calls per second', 'rate', ratePerSecond, own.ratePerSecond)}
      ${field('Sessions per day', 'perDay', sessionsPerDay === null ? null : limitOf(sessionsPerDay), limitOf(own.sessionsPerDay))}
      <button class="primary">Set limits</button></form>
    <p class="muted">Leave a field empty to use what the workers were started with (${own.concurrency} at once, ${own.ratePerSecond === 0 ? 'no limit per second' : `${own.ratePerSecond} per second`}); 0 per second and “off” mean no limit.</p></section>`;
}

/** An empty field follows the workers' own settings. */
async function setLimits(ports: DashboardPorts, context: DashboardContext): Promise<Response> {
  const { concurrency = '', rate = '', perDay = '' } = await readFields(context);
  try {
    const wanted = readRequest(LIMIT_OPTIONS, {
      concurrency,
      ratePerSecond: rate,
      sessionsPerDay: perDay,
    });
    await changeLimits(ports, wanted, { who: context.var.user.name, reason: null });
    return context.redirect('/limits', 303);
  } catch (error) {
    if (!(error instanceof UnusableRequest)) throw error;
    const sentence = describeProblems(error.problems, (name) => labelOf(LIMIT_OPTIONS, name));
    return await refuse(context, { kind: 'impossible', sentence });
  }
}
