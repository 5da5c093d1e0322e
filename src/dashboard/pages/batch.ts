import { html } from 'hono/html';
import { readBatchStatus } from '../../lib/batch/batch-status.ts';
import { effectOfCancelling, effectOfRetrying, NO_EFFECT } from '../../lib/batch/count-effect.ts';
import { countPending } from '../../lib/core/batch/batch.ts';
import { explainUnread } from '../../lib/core/batch/explain-unread.ts';
import { describeCost } from '../../lib/core/budget/cost.ts';
import { formatCount, formatNumber, formatRows } from '../../lib/core/in-words.ts';
import { foretellCalls, foretellCancelling } from '../../lib/requests/foretell.ts';
import { describeDone } from '../acts.ts';
import type { BatchStatusView, ErrorListView, HistoryView } from '../api/api-schemas.ts';
import type { DashboardContext, Html, Role } from '../dashboard-env.ts';
import type { LiveHub } from '../live/live-hub.ts';
import { livePage } from '../live/live-page.ts';
import { actForm } from '../parts/act-form.ts';
import { ask, type Question } from '../parts/ask.ts';
import { progressWords } from '../parts/batch-words.ts';
import { countsBar, countsLegend } from '../parts/counts-bar.ts';
import { momentsOf } from '../parts/gate-panel.ts';
import { historyList } from '../parts/history-list.ts';
import { tagLinks } from '../parts/tag-links.ts';
import { moment, sentence } from '../parts/words.ts';
import type { DashboardPorts } from '../ports.ts';
import { readErrors, readHistory, showStatus } from '../read/read-batch.ts';
import type { Route } from '../route.ts';

interface Facts {
  picture: BatchStatusView;
  errors: ErrorListView['errors'];
  history: HistoryView['entries'];
  nowMs: number;
  /** The moments that its sentences may name. */
  moments: number[];
}

const SHOWN_ERRORS = 20;
const SHOWN_HISTORY = 30;

export const batchRoutes = (ports: DashboardPorts, hub: LiveHub): Route[] =>
  livePage<Facts>(hub, {
    path: '/batches/:id',
    title: ({ param }) => param('id'),
    read: ({ param }) => readFacts(ports, param('id')),
    missing: ({ param }) => `batch ${param('id')}`,
    parts: (facts, { role }) => ({
      state: stateLine(facts.picture),
      counts: counts(facts.picture, facts.moments),
      buttons: buttons(facts.picture, role),
      errors: errorGroups(facts, role),
      sessions: sessions(facts.picture),
      history: historyList(facts.history, facts.nowMs),
    }),
    frame,
  });

async function readFacts(ports: DashboardPorts, id: string): Promise<Facts | null> {
  if ((await ports.store.readBatch(id)) === null) return null;
  const [status, { errors }, { entries }] = await Promise.all([
    readBatchStatus(ports, id),
    readErrors(ports, id),
    readHistory(ports, id),
  ]);
  return {
    picture: showStatus(status),
    errors: errors.slice(0, SHOWN_ERRORS),
    history: entries.slice(0, SHOWN_HISTORY),
    nowMs: ports.now(),
    moments: momentsOf(status.gate),
  };
}

const frame = (
  part: (id: string) => Html,
  context: DashboardContext,
  { picture, nowMs }: Facts,
): Html => html`<div class="title"><h1>${picture.batch.id}</h1><span id="state">${part('state')}</span></div>
  ${doneNotice(context)}
  <section class="card" aria-label="Rows" id="counts">${part('counts')}</section>
  ${steering(part, context, picture)}
  <div class="columns">
    <div class="grow">
      <section class="card"><h2>Reasons</h2><div id="errors">${part('errors')}</div></section>
      <section class="card"><h2>History</h2><div id="history">${part('history')}</div></section>
    </div>
    <div class="side">
      <section class="card"><h2>Sessions</h2><div id="sessions">${part('sessions')}</div></section>
      <section class="card"><h2>Downloads</h2>${downloads(picture.batch.id)}</section>
      <section class="card"><h2>About</h2>${about(picture, nowMs)}</section>
    </div>
  </div>`;

const stateLine = ({ batch }: BatchStatusView): Html =>
  html`<span class="state ${batch.state}">${batch.state}</span>`;

function counts(picture: BatchStatusView, moments: number[]): Html {
  const { batch, standstill, workers, concurrency } = picture;
  const notice = standstill ?? explainUnread(batch);
  const crew = `${formatNumber(workers, 'worker')}, ${formatNumber(concurrency, 'call')} at once`;
  return html`${countsBar(batch.counts)}
    ${countsLegend(batch.counts, batch.rows, (name) => `/batches/${batch.id}/rows?state=${name}`)}
    <p class="muted">${progressWords(picture)}${countPending(batch.counts) > 0 ? ` · ${crew}` : ''}</p>
    ${notice !== null && html`<p class="notice" role="status">${sentence(notice, moments)}</p>`}`;
}

function steering(
  part: (id: string) => Html,
  context: DashboardContext,
  { batch }: BatchStatusView,
): Html {
  if (context.var.user.role !== 'operator') return html``;
  const fields = html`<label class="grow">Reason <input name="reason" maxlength="300" placeholder="kept in the history"></label>
    <label>Priority <input name="priority" type="number" min="1" max="100" value="${batch.priority}"></label>
    <label>Sessions at most <input name="maxSessions" size="8" maxlength="10" pattern="\d+|off" value="${batch.maxSessions ?? 'off'}"></label>
    <label>Expiring within <select name="within"><option value="1h">1 h</option><option value="4h" selected>4 h</option><option value="12h">12 h</option><option value="24h">24 h</option></select></label>`;
  return html`<section class="card steering" aria-label="Steering">${actForm(context, fields)}
    <div class="buttons" id="buttons">${part('buttons')}</div></section>`;
}

function buttons({ batch, sessions }: BatchStatusView, role: Role): Html {
  if (role !== 'operator') return html``;
  const { id, state, counts, isReadToEnd } = batch;
  const button = (verb: string, words: string, kind = ''): Html =>
    html`<button form="act" formaction="/batches/${id}/${verb}" id="do-${verb}" class="${kind}">${words}</button>`;
  const canRetry = isReadToEnd && counts.failed + counts.unconfirmed > 0;
  return html`${state === 'running' && button('pause', 'Pause')}
    ${state === 'paused' && button('resume', 'Resume', 'primary')}
    ${canRetry && ask(retryFailed(batch))}
    ${isReadToEnd && counts.cancelled > 0 && ask(retryCancelled(batch))}
    ${isReadToEnd && sessions.alive + sessions.expired > 0 && ask(refreshSessions(id, sessions))}
    ${button('priority', 'Set priority')}
    ${button('max-sessions', 'Set sessions at most')}
    ${['importing', 'running', 'paused'].includes(state) && ask(cancelBatch(batch))}`;
}

type ShownBatch = BatchStatusView['batch'];

function retryFailed(batch: ShownBatch): Question {
  const effect = effectOfRetrying(batch, ['failed', 'unconfirmed']);
  return {
    id: 'retry',
    words: `Retry ${formatCount(effect.rows)} failed`,
    consequence: foretellCalls(effect),
    confirm: `Retry ${formatRows(effect.rows)}`,
    action: `/batches/${batch.id}/retry`,
  };
}

/** The way back from a cancellation. */
function retryCancelled(batch: ShownBatch): Question {
  const effect = effectOfRetrying(batch, ['cancelled']);
  return {
    id: 'uncancel',
    words: 'Undo cancel',
    consequence: foretellCalls(effect),
    confirm: `Queue ${formatRows(effect.rows)}`,
    action: `/batches/${batch.id}/retry?status=cancelled`,
  };
}

function refreshSessions(
  id: string,
  { alive, expiringSoon, expired }: BatchStatusView['sessions'],
): Question {
  return {
    id: 'refresh',
    words: 'Refresh sessions',
    consequence: `Opens a new session for each row whose session has expired (${formatCount(expired)}) or expires within the time chosen above (${formatCount(expiringSoon)} within 4 h, ${formatCount(alive)} within 24 h). Each costs a call.`,
    confirm: 'Refresh them',
    action: `/batches/${id}/refresh`,
  };
}

function cancelBatch(batch: ShownBatch): Question {
  const effect = effectOfCancelling(batch);
  return {
    id: 'cancel',
    words: 'Cancel batch',
    consequence: foretellCancelling(effect),
    confirm: `Cancel ${formatRows(effect.rows)}`,
    action: `/batches/${batch.id}/cancel`,
    kind: 'danger',
  };
}

function errorGroups({ picture, errors }: Facts, role: Role): Html {
  const { id } = picture.batch;
  if (errors.length === 0) return html`<p class="muted">No errors so far.</p>`;
  const rows = (code: string): string => `/batches/${id}/rows?code=${encodeURIComponent(code)}`;
  const again = (code: string, count: number): Html =>
    ask({
      id: `retry-${code}`,
      words: 'Retry these',
      consequence: foretellCalls({ ...NO_EFFECT, rows: count }),
      confirm: `Retry ${formatRows(count)}`,
      action: `/batches/${id}/retry?code=${encodeURIComponent(code)}`,
      kind: 'small',
    });
  return html`<ul class="plain errors">${errors.map(
    ({
      code,
      count,
      sample,
      canBeRetried,
    }) => html`<li><div class="row"><a href="${rows(code)}"><code>${code}</code></a>
      <b>${formatCount(count)}</b><span class="end">${role === 'operator' && canBeRetried && again(code, count)}</span></div>
      <p class="muted">${sample}</p></li>`,
  )}</ul>`;
}

function sessions({ sessions: { alive, expiringSoon, expired }, batch }: BatchStatusView): Html {
  const cost = describeCost(batch.cost);
  if (alive + expired === 0) return html`<p class="muted">No sessions opened yet.</p>`;
  return html`<dl class="facts"><dt>Alive</dt><dd>${formatCount(alive)}</dd>
    <dt>Expiring within 4 h</dt><dd>${formatCount(expiringSoon)}</dd><dt>Expired</dt><dd>${formatCount(expired)}</dd>
    ${batch.maxSessions !== null && html`<dt>Used of at most</dt><dd>${formatCount(batch.usedSessions)} of ${formatCount(batch.maxSessions)}</dd>`}
    ${cost !== null && html`<dt>Cost</dt><dd>${cost}</dd>`}
    ${batch.possibleOrphans > 0 && html`<dt>May exist unrecorded</dt><dd>${formatCount(batch.possibleOrphans)}</dd>`}</dl>`;
}

function downloads(id: string): Html {
  const mend = 'status=failed,rejected,invalid,unconfirmed';
  return html`<ul class="plain"><li><a href="/batches/${id}/report.csv" download>Report, CSV</a> · <a href="/batches/${id}/report.xlsx" download>XLSX</a> · <a href="/batches/${id}/report.jsonl" download>JSONL</a></li>
    <li><a href="/batches/${id}/report.csv?${mend}" download>Rows to fix, CSV</a> · <a href="/batches/${id}/report.xlsx?${mend}" download>XLSX</a></li></ul>
    <p class="muted"><small>In CSV, cells that a spreadsheet would run have a ' before them; JSONL is exact.</small></p>`;
}

function about({ batch }: BatchStatusView, nowMs: number): Html {
  const { name, format, options, mends, createdAtMs, schedule, tags } = batch;
  return html`<dl class="facts"><dt>Manifest</dt><dd>${name} (${format})</dd>
    <dt>Begun</dt><dd>${moment(createdAtMs, nowMs)}</dd>
    ${schedule !== null && html`<dt>Schedule</dt><dd><a href="/schedules/${schedule}">${schedule}</a></dd>`}
    ${tags.length > 0 && html`<dt>Tags</dt><dd>${tagLinks(tags)}</dd>`}
    ${options.reuse && html`<dt>Reuse</dt><dd>live sessions are reused</dd>`}
    ${options.trialRows !== null && html`<dt>First rows tried alone</dt><dd>${options.trialRows}</dd>`}
    ${mends !== null && html`<dt>Mends</dt><dd><a href="/batches/${mends}">${mends}</a></dd>`}</dl>`;
}

const IMPORTED: Record<string, string> = {
  started: 'The batch has started.',
  found: 'This manifest was imported before, with the same options; here is its batch.',
};

/** The result of the change that led here. */
function doneNotice({ req }: DashboardContext): Html {
  const done = req.query('done') ?? '';
  const rows = Number(/^\d{1,10}$/.exec(req.query('rows') ?? '')?.[0] ?? 0);
  const said = IMPORTED[done] ?? describeDone(done, rows);
  return said === null ? html`` : html`<p class="notice good" role="status">${said}</p>`;
}
