import { html } from 'hono/html';
import type { BulkRecord } from '../../lib/bulk/bulk-store.ts';
import { formatBatches, formatCount, formatRows } from '../../lib/core/in-words.ts';
import { describeProblems, UnusableRequest } from '../../lib/requests/unusable-request.ts';
import { draftOfForm } from '../bulk/choose.ts';
import { BULK_WORDS, STATE_MEANINGS, titleOf } from '../bulk/describe-bulk.ts';
import { startBulk } from '../bulk/start-bulk.ts';
import type { DashboardContext, Html, Role } from '../dashboard-env.ts';
import { readAllFields } from '../form.ts';
import type { LiveHub } from '../live/live-hub.ts';
import { livePage } from '../live/live-page.ts';
import { actForm } from '../parts/act-form.ts';
import { moment, sentence } from '../parts/words.ts';
import type { DashboardPorts } from '../ports.ts';
import { change, type Route } from '../route.ts';
import { refuse } from './refusal.ts';

interface Facts {
  action: BulkRecord;
  /** The first of the chosen batches. */
  first: string[];
  /** Why batches were left alone. */
  left: string[];
  /** Rows of the batch whose rows were chosen. */
  rows: number;
  nowMs: number;
}

const SHOWN = 50;
const SHOWN_BATCHES = 10;

/** One act on many batches or rows: its confirmation, its progress, and what came of it. */
export const bulkActionRoutes = (ports: DashboardPorts, hub: LiveHub): Route[] => [
  ...livePage<{ actions: BulkRecord[]; nowMs: number }>(hub, {
    path: '/bulk-actions',
    title: () => 'Bulk actions',
    read: async () => ({ ...(await ports.bulk.list(SHOWN)), nowMs: ports.now() }),
    parts: (facts) => ({ list: list(facts) }),
    frame: (part) => html`<h1>Bulk actions</h1>
      <section class="card" id="list" aria-label="Bulk actions">${part('list')}</section>`,
  }),
  ...livePage<Facts>(hub, {
    path: '/bulk-actions/:action',
    title: ({ param }) => `Bulk action ${param('action')}`,
    read: ({ param }) => readFacts(ports, param('action')),
    missing: ({ param }) => `bulk action ${param('action')}`,
    parts: (facts, { role }) => ({
      state: stateLine(facts.action),
      progress: progress(facts),
      buttons: buttons(facts.action, role),
      left: leftList(facts),
    }),
    frame,
  }),
  change('/bulk-actions', (context) => draft(ports, context)),
  change('/bulk-actions/:action/start', async (context) => {
    const id = context.req.param('action') ?? '';
    const state = await startBulk(ports, id, context.var.user.name);
    return state === null ? await refuseUnknown(context, id) : backTo(context, id);
  }),
  change('/bulk-actions/:action/stop', async (context) => {
    const id = context.req.param('action') ?? '';
    const state = await ports.bulk.stop(id, context.var.user.name);
    return state === null ? await refuseUnknown(context, id) : backTo(context, id);
  }),
];

const backTo = (context: DashboardContext, id: string): Response =>
  context.redirect(`/bulk-actions/${id}`, 303);

const refuseUnknown = (context: DashboardContext, id: string): Promise<Response> =>
  refuse(context, { kind: 'not_found', what: `bulk action ${id}` });

async function draft(ports: DashboardPorts, context: DashboardContext): Promise<Response> {
  try {
    const fields = await readAllFields(context);
    const id = await draftOfForm(ports, fields, context.req.query(), context.var.user.name);
    return backTo(context, id);
  } catch (error) {
    if (!(error instanceof UnusableRequest)) throw error;
    return await refuse(context, {
      kind: 'impossible',
      sentence: describeProblems(error.problems),
    });
  }
}

async function readFacts(ports: DashboardPorts, id: string): Promise<Facts | null> {
  if (!/^[0-9a-f]{12}$/.test(id)) return null;
  const action = await ports.bulk.read(id);
  if (action === null) return null;
  const { chosen } = action;
  const batch = chosen.kind === 'rows' ? await ports.store.readBatch(chosen.batch.id) : null;
  const left = action.left + action.batches === 0 ? [] : await ports.bulk.readLeft(id);
  const first = await ports.bulk.listBatches(id, SHOWN_BATCHES);
  const rows = batch?.rows ?? 0;
  return { action, left, rows, first: first.map((ref) => ref.id), nowMs: ports.now() };
}

const frame = (
  part: (id: string) => Html,
  context: DashboardContext,
  { action, first, nowMs }: Facts,
): Html => html`<div class="title"><h1>${titleOf(action)}</h1><span id="state">${part('state')}</span></div>
  <section class="card" aria-label="What it does">${actForm(context)}
    <p>${sentence(action.forecast)}</p>${chosenInWords(action, first)}
    <p class="muted">By <strong>${action.who}</strong>, ${moment(action.chosenAtMs, nowMs)}.${action.reason !== null && html` <q>${action.reason}</q>`}</p>
    <div id="progress">${part('progress')}</div>
    <div class="buttons" id="buttons">${part('buttons')}</div></section>
  <div id="left">${part('left')}</div>
  <p><a href="${wayBack(action)}">${action.chosen.kind === 'rows' ? 'To these rows' : 'All batches'}</a> · <a href="/bulk-actions">All bulk actions</a></p>`;

function wayBack({ chosen }: BulkRecord): string {
  if (chosen.kind === 'batches') return '/batches';
  const { batch, statuses, code, text } = chosen;
  const filter = { state: statuses?.[0] ?? '', code: code ?? '', text: text ?? '' };
  const given = Object.entries(filter).filter(([, value]) => value !== '');
  const query = given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
  return `/batches/${batch.id}/rows${query}`;
}

function chosenInWords({ chosen }: BulkRecord, first: readonly string[]): Html {
  if (chosen.kind === 'batches') {
    const more = chosen.count - first.length;
    return html`<p class="muted">${first.map((id) => html`<a href="/batches/${id}">${id}</a> `)}${more > 0 && `and ${formatCount(more)} more`}</p>`;
  }
  if (chosen.rows !== null) return html``;
  const { statuses, code, text } = chosen;
  const conditions = [
    ...(statuses === null ? [] : [html`state <code>${statuses.join(', ')}</code>`]),
    ...(code === null ? [] : [html`error code <code>${code}</code>`]),
    ...(text === null ? [] : [html`text <code>${text}</code>`]),
  ];
  return conditions.length === 0
    ? html`<p class="muted">All rows of the batch were chosen.</p>`
    : html`<p class="muted">All rows were chosen that match ${conditions.map((one, index) => html`${index > 0 && ', '}${one}`)}. Rows that end from now on are not included.</p>`;
}

const stateLine = ({ state }: BulkRecord): Html =>
  html`<span class="state ${state}">${state === 'draft' ? 'to be confirmed' : state}</span> <span class="muted">${STATE_MEANINGS[state]}</span>`;

function progress({ action, rows: all, nowMs }: Facts): Html {
  const { state, position, startedAtMs, endedAtMs, stoppedBy, chosen } = action;
  if (state === 'draft') return html``;
  const total = chosen.kind === 'batches' ? chosen.count : all;
  const looked =
    state === 'completed' ? total : chosen.kind === 'batches' ? position : position - 1;
  const unit = chosen.kind === 'batches' ? 'batches' : 'rows';
  return html`<label class="progress">${formatCount(looked)} of ${formatCount(total)} ${unit} looked at
      <progress value="${looked}" max="${Math.max(total, 1)}"></progress></label>
    <p role="status"><strong>${resultOf(action)}</strong></p>
    <p class="muted">${startedAtMs !== null && html`Started ${moment(startedAtMs, nowMs)}.`}
    ${endedAtMs !== null && html` Ended ${moment(endedAtMs, nowMs)}${stoppedBy !== null && ` by ${stoppedBy}`}.`}</p>`;
}

/** `11 batches done, 783 rows; 1 batch left alone.` */
function resultOf({ chosen, batches, rows, left }: BulkRecord): string {
  const count = chosen.kind === 'batches' ? formatBatches : formatRows;
  const done =
    chosen.kind === 'rows'
      ? `${formatRows(rows)} queued`
      : `${formatBatches(batches)} done${rows > 0 ? `, ${formatRows(rows)} queued` : ''}`;
  return `${done}; ${count(left)} left alone.`;
}

function buttons({ id, state, verb }: BulkRecord, role: Role): Html {
  if (role !== 'operator') {
    return state === 'draft'
      ? html`<span class="muted">Only an operator can start it.</span>`
      : html``;
  }
  const start = html`<button form="act" formaction="/bulk-actions/${id}/start" id="do-start" class="${verb === 'cancel' ? 'danger' : 'primary'}">${BULK_WORDS[verb]}</button>`;
  const stop = html`<button form="act" formaction="/bulk-actions/${id}/stop" id="do-stop">Stop here</button>`;
  return html`${state === 'draft' && start}${state === 'running' && stop}`;
}

function leftList({ action, left }: Facts): Html {
  if (left.length === 0) return html``;
  const more = action.chosen.kind === 'batches' ? action.left - left.length : 0;
  return html`<section class="card"><h2>Left alone</h2><ul class="plain">${left.map((one) => html`<li>${sentence(one)}</li>`)}
    ${more > 0 && html`<li>and ${formatCount(more)} more</li>`}</ul></section>`;
}

const list = ({ actions, nowMs }: { actions: BulkRecord[]; nowMs: number }): Html =>
  actions.length === 0
    ? html`<p class="muted">None yet. Tick <a href="/batches">batches</a>, or rows of a batch, to do something to all of them at once.</p>`
    : html`<ul class="plain">${actions.map(
        (action) =>
          html`<li><div class="row"><a href="/bulk-actions/${action.id}">${titleOf(action)}</a> <span class="state ${action.state}">${action.state}</span>
          <span class="muted end">${action.who}, ${moment(action.chosenAtMs, nowMs)}</span></div><small class="muted">${resultOf(action)}</small></li>`,
      )}</ul>`;
