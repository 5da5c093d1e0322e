import { html } from 'hono/html';
import { labelOf, readRequest, type WrittenRequest } from '../../lib/requests/option.ts';
import { TOKEN_OPTIONS } from '../../lib/requests/token-request.ts';
import { describeProblems, UnusableRequest } from '../../lib/requests/unusable-request.ts';
import { issueToken, revokeToken } from '../../lib/tokens/issue-token.ts';
import type { ListedToken } from '../../lib/tokens/token-store.ts';
import type { DashboardContext, Html } from '../dashboard-env.ts';
import { readFields, writtenIn } from '../form.ts';
import { actForm } from '../parts/act-form.ts';
import { ask } from '../parts/ask.ts';
import { fieldsOf } from '../parts/option-fields.ts';
import { moment } from '../parts/words.ts';
import type { DashboardPorts } from '../ports.ts';
import { change, type Route, view } from '../route.ts';
import { csrfField, page } from './layout.ts';
import { refuse } from './refusal.ts';

/** A new token is in the answer itself, because it cannot be shown again. */
interface Shown {
  created?: { name: string; text: string };
  problem?: string;
  written?: WrittenRequest;
}

/** The tokens with which programs use the API. No token opens these routes (`auth/bearer.ts`). */
export const tokenRoutes = (ports: DashboardPorts): Route[] => [
  { ...view('/tokens', (context) => showTokens(ports, context, {})), access: 'operator' },
  change('/tokens', (context) => create(ports, context)),
  change('/tokens/:name/revoke', async (context) => {
    const name = context.req.param('name') ?? '';
    const isRevoked = await revokeToken(ports, name, actOf(context));
    if (!isRevoked) return await refuse(context, { kind: 'not_found', what: `token ${name}` });
    return context.redirect('/tokens', 303);
  }),
];

const actOf = ({ var: { user } }: DashboardContext) => ({ who: user.name, reason: null });

async function create(ports: DashboardPorts, context: DashboardContext): Promise<Response> {
  const written = writtenIn(TOKEN_OPTIONS, await readFields(context));
  try {
    const request = readRequest(TOKEN_OPTIONS, written);
    const text = await issueToken(ports, request, actOf(context));
    return await showTokens(ports, context, { created: { name: request.name, text } });
  } catch (error) {
    if (!(error instanceof UnusableRequest)) throw error;
    const problem = describeProblems(error.problems, (name) => labelOf(TOKEN_OPTIONS, name));
    return await showTokens(ports, context, { problem, written });
  }
}

async function showTokens(
  { tokens, now }: DashboardPorts,
  context: DashboardContext,
  { created, problem, written = {} }: Shown,
): Promise<Response> {
  const list = await tokens.list();
  const content = html`<h1>Tokens</h1>${actForm(context)}
    <p class="muted">A program sends its token with each request to the API: <code>Authorization: Bearer ks_…</code></p>
    ${created && newToken(created)}
    ${problem !== undefined && html`<p class="notice bad" role="alert">${problem}</p>`}
    <section class="card">${list.length === 0 ? html`<p>There are no tokens yet.</p>` : tokenTable(list, now())}</section>
    <section class="card"><h2>Create a token</h2><form method="post" action="/tokens" class="filter">${csrfField(context)}
      ${fieldsOf(TOKEN_OPTIONS, written)}<button class="primary">Create</button></form></section>`;
  const status = problem === undefined ? 200 : 400;
  return await page(context, { title: 'Tokens', content, status });
}

const newToken = ({ name, text }: { name: string; text: string }): Html =>
  html`<section class="notice" role="status"><p>The token ${name} is created. Copy it now: it cannot be shown again.</p>
    <p><code id="new-token">${text}</code></p></section>`;

const tokenTable = (tokens: readonly ListedToken[], nowMs: number): Html =>
  html`<table class="stacks"><thead><tr><th>Name</th><th>Scope</th><th>Created</th><th>Last used</th><th>Valid until</th><th class="number">Per minute</th><th></th></tr></thead>
    <tbody>${tokens.map((token) => tokenLine(token, nowMs))}</tbody></table>`;

function tokenLine(token: ListedToken, nowMs: number): Html {
  const { name, scope, createdAtMs, createdBy, expiresAtMs, lastUsedAtMs, perMinute } = token;
  const isExpired = expiresAtMs !== null && expiresAtMs <= nowMs;
  const revoke = ask({
    id: `revoke-${name}`,
    words: 'Revoke',
    consequence: `Programs with the token ${name} are refused from now on.`,
    confirm: 'Revoke it',
    action: `/tokens/${encodeURIComponent(name)}/revoke`,
    kind: 'danger',
  });
  return html`<tr><td>${name}</td><td>${scope}</td><td data-label="created">${moment(createdAtMs, nowMs)} by ${createdBy}</td>
    <td data-label="last used">${lastUsedAtMs === null ? 'never' : moment(lastUsedAtMs, nowMs)}</td>
    <td data-label="end">${expiresAtMs === null ? 'it is revoked' : moment(expiresAtMs, nowMs)}${isExpired && ' (expired)'}</td>
    <td data-label="a minute" class="number">${perMinute}</td><td>${revoke}</td></tr>`;
}
