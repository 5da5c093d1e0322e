import { html } from 'hono/html';
import { describeToday } from '../../lib/core/budget/describe-today.ts';
import { sessionsOfDay } from '../../lib/core/gate/day-limit.ts';
import type { GateView } from '../api/api-schemas.ts';
import type { Html, Role } from '../dashboard-env.ts';
import { sentence as inWords } from './words.ts';

/** The moments that sentences about the gate may name. */
export const momentsOf = ({ sinceMs, untilMs }: Pick<GateView, 'sinceMs' | 'untilMs'>): number[] =>
  untilMs === null ? [sinceMs] : [untilMs, sinceMs];

/** Whether the API is called, why not, until when, and how many calls may run at once. */
export function gatePanel(gate: GateView, role: Role): Html {
  const { mode, sentence } = gate;
  const open = html`<button form="act" formaction="/gate/open" id="open-gate" class="primary">Try now</button>`;
  return html`<p class="gate ${mode}"><i class="dot"></i><strong>${mode}</strong>
    <span>${inWords(sentence, momentsOf(gate))}</span>
    ${mode !== 'open' && role === 'operator' && open}</p>
    <p class="muted">${paceInWords(gate)}</p>`;
}

function paceInWords(gate: GateView): string {
  const { concurrency: now, limits, sessionsToday } = gate;
  const { concurrency, ratePerSecond } = limits;
  const reduced = now < concurrency ? ` (of ${concurrency}, reduced by throttling)` : '';
  const rate = ratePerSecond === 0 ? 'no limit per second' : `${ratePerSecond} per second`;
  const today = describeToday({ used: sessionsToday }, sessionsOfDay(gate, limits, Date.now()));
  return `Calls: ${now} at once${reduced}, ${rate}. ${today}`;
}
