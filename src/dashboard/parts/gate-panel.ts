import { html } from 'hono/html';
import { explainGate } from '../../lib/core/explain-gate.ts';
import {
  currentConcurrency,
  type Gate,
  type GateLimits,
  limitsInForce,
} from '../../lib/core/gate.ts';
import type { Html, Role } from '../dashboard-env.ts';
import { sentence as inWords } from './words.ts';

export interface GateFacts {
  gate: Gate;
  /** The clock that the gate's times are measured by. */
  nowMs: number;
  /** What the workers were started with. */
  own: GateLimits;
}

/** Whether the API is called, why not, until when, and how many calls at once. */
export function gatePanel({ gate, nowMs, own }: GateFacts, role: Role): Html {
  const sentence = explainGate(gate, nowMs);
  const mode = sentence === null ? 'open' : gate.mode;
  const open = html`<button form="act" formaction="/gate/open" id="open-gate" class="primary">Try now</button>`;
  return html`<p class="gate ${mode}"><i class="dot"></i><strong>${mode}</strong>
    <span>${inWords(sentence ?? 'The API is called as rows come.')}</span>
    ${gate.mode !== 'open' && role === 'operator' && open}</p>
    <p class="muted">${paceInWords(gate, own)}</p>`;
}

function paceInWords(gate: Gate, own: GateLimits): string {
  const { concurrency, ratePerSecond } = limitsInForce(gate, own);
  const now = currentConcurrency(gate, own);
  const reduced = now < concurrency ? ` (of ${concurrency}, reduced by throttling)` : '';
  const rate = ratePerSecond === 0 ? 'no limit per second' : `${ratePerSecond} per second`;
  return `Calls: ${now} at once${reduced}, ${rate}.`;
}
