import { html } from 'hono/html';
import { readBatchStatus } from '../../lib/batch/batch-status.ts';
import { effectOfCancelling, effectOfRetrying, NO_EFFECT } from '../../lib/batch/count-effect.ts';
import { countPending } from '../../lib/core/batch/batch.ts';
import { STATE_MEANINGS } from '../../lib/core/batch/explain-state.ts';
import { explainUnread } from '../../lib/core/batch/explain-unread.ts';
import { explainShort } from '../../lib/core/budget/batch-budget.ts';
import { describeCost } from '../../lib/core/budget/cost.ts';
import { explainShortDay, type SessionsLeft } from '../../lib/core/budget/day-left.ts';
import { formatCount, formatNumber, formatRows } from '../../lib/core/in-words.ts';
import { describeEnd } from '../../lib/core/renewal/keep-alive.ts';
import { describeReport } from '../../lib/core/report/batch-report.ts';
import { RETRIED_BY_DEFAULT } from '../../lib/core/row/row.ts';
import { readSessionsLeft } from '../../lib/gate/read-sessions-left.ts';
import { foretellCalls, foretellCancelling } from '../../lib/requests/foretell.ts';
import type { BatchStatusView, ErrorListView, HistoryView } from '../api/api-schemas.ts';
import type { DashboardContext, Html, Role } from '../dashboard-env.ts';
import type { LiveHub } from '../live/live-hub.ts';
import { livePage } from '../live/live-page.ts';
import { actForm } from '../parts/act-form.ts';
import { ask, type Question } from '../parts/ask.ts';
import { progressWords } from '../parts/batch-words.ts';
import { charts, SPAN_PARAMETER, spanLinks } from '../parts/charts.ts';
import { bareBar, countsLegend, statusesIn } from '../parts/counts-bar.ts';
import { DONE_PARAMETERS, doneNotice } from '../parts/done-notice.ts';
import { momentsOf } from '../parts/gate-panel.ts';
import { historyList } from '../parts/history-list.ts';
import { meanings } from '../parts/meanings.ts';
import { tagLinks } from '../parts/tag-links.ts';
import { moment, sentence } from '../parts/words.ts';
import type { DashboardPorts } from '../ports.ts';
import { readErrors, showStatus } from '../read/read-batch.ts';
import { type Charted, readCharts } from '../read/read-charts.ts';
import type { Route } from '../route.ts';

interface Facts {
  charted: Charted;
  picture: BatchStatusView;
  errors: ErrorListView['errors'];
  history: HistoryView['entries'];
  /** What this day may still open; null without a limit. */
  day: SessionsLeft | null;
  nowMs: number;
  /** The moments that its sentences may name. */
  moments: number[];
}

const SHOWN_ERRORS = 20;
const SHOWN_HISTORY = 30;

export const batchRoutes = (ports: DashboardPorts, hub: LiveHub): Route[] =>
  livePage<Facts>(hub, {
    path: '/batches/:id',
    filters: SPAN_PARAMETER,
    framed: DONE_PARAMETERS,
    title: ({ param }) => param('id'),
    read: ({ param, query }) => readFacts(ports, param('id'), query('span')),
    missing: ({ param }) => `batch ${param('id')}`,
    parts: (facts, { role }) => ({
      state: stateLine(facts.picture),
      counts: counts(facts.picture, facts.moments),
      buttons: buttons(facts, role),
      charts: charts(facts.charted, true),
      errors: errorGroups(facts, role),
      sessions: sessions(facts.picture),
      history: historyList(facts.history, facts.nowMs),
      about: about(facts.picture, facts.nowMs),
    }),
    frame,
  });

async function readFacts(ports: DashboardPorts, id: string, span: string): Promise<Facts | null> {
  if ((await ports.store.readBatch(id)) === null) return null;
  const reading = ports.steering.readHistory(id);
  const [status, { errors }, history, charted, day] = await Promise.all([
    readBatchStatus(ports, id),
    readErrors(ports, id),
    reading,
    readCharts(ports, span, { id, history: reading }),
    readSessionsLeft(ports),
  ]);
  return {
    charted,
    picture: showStatus(status),
    errors: errors.slice(0, SHOWN_ERRORS),
    history: history.slice(0, SHOWN_HISTORY),
    day,
    nowMs: ports.now(),
    moments: momentsOf(status.gate),
  };
}

const frame = (
  part: (id: string) => Html,
  context: DashboardContext,
  { picture }: Facts,
): Html => html`<div class="title"><h1>${picture.batch.id}</h1><span id="state">${part('state')}</span></div>
  ${doneNotice(context)}
  <section class="card" aria-label="Rows" id="counts">${part('counts')}</section>
  ${steering(part, context, picture)}
  <div class="title"><h2>Timeline</h2>${spanLinks(context, `/batches/${picture.batch.id}`)}</div>
  <section aria-label="Timeline" id="charts">${part('charts')}</section>
  <div class="columns">
    <div class="grow">
      <section class="card"><h2>Reasons</h2><div id="errors">${part('errors')}</div></section>
      <section class="card"><h2>History</h2><div id="history">${part('history')}</div></section>
    </div>
    <div class="side">
      <section class="card"><h2>Sessions</h2><div id="sessions">${part('sessions')}</div></section>
      <section class="card"><h2>Downloads</h2>${downloads(picture.batch.id)}</section>
      <section class="card"><h2>About</h2><div id="about">${part('about')}</div></section>
    </div>
  </div>`;

const stateLine = ({ batch }: BatchStatusView): Html =>
  html`<span class="state ${batch.state}">${batch.state}</span> <span class="muted">${STATE_MEANINGS[batch.state]}</span>`;

function counts(picture: BatchStatusView, moments: number[]): Html {
  const { batch, standstill, workers, concurrency } = picture;
  const notice = standstill ?? explainUnread(batch);
  const crew = `${formatNumber(workers, 'worker')}, ${formatNumber(concurrency, 'call')} at once`;
  return html`${bareBar(batch.counts)}
    ${countsLegend(batch.counts, batch.rows, (name) => `/batches/${batch.id}/rows?state=${name}`)}
    <p class="muted">${progressWords(picture)}${countPending(batch.counts) > 0 ? ` · ${crew}` : ''}</p>
    ${notice !== null && html`<p class="notice" role="status">${sentence(notice, moments)}</p>`}
    ${meanings(statusesIn(batch.counts))}`;
}

function steering(
  part: (id: string) => Html,
  context: DashboardContext,
  { batch }: BatchStatusView,
): Html {
  if (context.var.user.role !== 'operator') {
    return html`<p class="muted" id="buttons">${part('buttons')}</p>`;
  }
  const fields = html`<label class="grow">Reason <input name="reason" maxlength="300" placeholder="kept in the history"></label>
    <label>Priority <input name="priority" type="number" min="1" max="100" value="${batch.priority}"></label>
    <label>Sessions at most <input name="maxSessions" size="8" maxlength="10" pattern="[0-9]+|off" value="${batch.maxSessions ?? 'off'}"></label>
    <label>Keep sessions alive <input name="keepAlive" size="14" maxlength="40" placeholder="3d, 18:00 or off"></label>
    <label>Expiring within <select name="within"><option value="1h">1 h</option><option value="4h" selected>4 h</option><option value="12h">12 h</option><option value="24h">24 h</option></select></label>`;
  return html`<section class="card steering" aria-label="Steering">${actForm(context, fields)}
    <div class="buttons" id="buttons">${part('buttons')}</div></section>`;
}

function buttons(facts: Facts, role: Role): Html {
  const offers = offersOf(facts);
  if (role === 'operator') return html`${offers.map(({ button }) => button)}`;
  return html`Operators can do this here: ${offers.map(({ words }) => words).join(' · ')}.`;
}

/** One thing that operators can do, and what it is called. */
interface Offer {
  words: string;
  button: Html;
}

function offersOf({ picture: { batch, sessions }, day }: Facts): Offer[] {
  const { id, state, counts, isReadToEnd } = batch;
  const press = (verb: string, words: string, kind = ''): Offer => ({
    words,
    button: html`<button form="act" formaction="/batches/${id}/${verb}" id="do-${verb}" class="${kind}">${words}</button>`,
  });
  const offer = (question: Question): Offer => ({ words: question.words, button: ask(question) });
  const hasFailed = counts.failed + counts.unconfirmed > 0;
  const hasSessions = sessions.alive + sessions.expired > 0;
  const canCancel = ['importing', 'running', 'paused'].includes(state);
  return [
    ...(state === 'running' ? [press('pause', 'Pause')] : []),
    ...(state === 'paused' ? [press('resume', 'Resume', 'primary')] : []),
    ...(isReadToEnd && hasFailed ? [offer(retryFailed({ batch, day }))] : []),
    ...(isReadToEnd && counts.cancelled > 0 ? [offer(retryCancelled({ batch, day }))] : []),
    ...(isReadToEnd && hasSessions ? [offer(refreshSessions({ batch, day }, sessions))] : []),
    press('priority', 'Set priority'),
    press('max-sessions', 'Set sessions at most'),
    press('keep-alive', 'Keep alive'),
    ...(canCancel ? [offer(cancelBatch(batch))] : []),
  ];
}

type ShownBatch = BatchStatusView['batch'];

/** What limits the sessions that an act may open. */
interface Budgets {
  batch: ShownBatch;
  day: SessionsLeft | null;
}

function retryFailed(budgets: Budgets): Question {
  const { batch } = budgets;
  const effect = effectOfRetrying(batch, RETRIED_BY_DEFAULT);
  return {
    id: 'retry',
    words: `Retry ${formatCount(effect.rows)} failed`,
    consequence: foretellCalls(effect, budgets),
    confirm: `Retry ${formatRows(effect.rows)}`,
    action: `/batches/${batch.id}/retry`,
  };
}

/** The way back from a cancellation. */
function retryCancelled(budgets: Budgets): Question {
  const { batch } = budgets;
  const effect = effectOfRetrying(batch, ['cancelled']);
  return {
    id: 'uncancel',
    words: 'Undo cancel',
    consequence: foretellCalls(effect, budgets),
    confirm: `Queue ${formatRows(effect.rows)}`,
    action: `/batches/${batch.id}/retry?status=cancelled`,
  };
}

function refreshSessions(
  { batch, day }: Budgets,
  { alive, expiringSoon, expired }: BatchStatusView['sessions'],
): Question {
  const most = alive + expired;
  const short = [explainShort(batch, most, 'up to '), day && explainShortDay(day, most, 'up to')];
  const what = `Opens a new session for each row whose session has expired (${formatCount(expired)}) or expires within the time chosen above (${formatCount(expiringSoon)} within 4 h, ${formatCount(alive)} within 24 h). Each costs a call.`;
  return {
    id: 'refresh',
    words: 'Refresh sessions',
    consequence: [what, ...short].filter((sentence) => sentence !== null).join(' '),
    confirm: 'Refresh them',
    action: `/batches/${batch.id}/refresh`,
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

function errorGroups({ picture: { batch }, day, errors }: Facts, role: Role): Html {
  const { id } = batch;
  if (errors.length === 0) return html`<p class="muted">No errors so far.</p>`;
  const rows = (code: string): string => `/batches/${id}/rows?code=${encodeURIComponent(code)}`;
  const again = (code: string, count: number): Html =>
    ask({
      id: `retry-${code}`,
      words: 'Retry these',
      consequence: foretellCalls({ ...NO_EFFECT, rows: count }, { batch, day }),
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

function sessions(picture: BatchStatusView): Html {
  const { batch, notRenewed } = picture;
  const { alive, expiringSoon, expired } = picture.sessions;
  const cost = describeCost(batch.cost);
  if (alive + expired === 0) return html`<p class="muted">No sessions opened yet.</p>`;
  return html`<dl class="facts"><dt>Alive</dt><dd>${formatCount(alive)}</dd>
    <dt>Expiring within 4 h</dt><dd>${formatCount(expiringSoon)}</dd><dt>Expired</dt><dd>${formatCount(expired)}</dd>
    ${batch.maxSessions !== null && html`<dt>Used of at most</dt><dd>${formatCount(batch.usedSessions)} of ${formatCount(batch.maxSessions)}</dd>`}
    ${batch.keepAlive !== null && html`<dt>Kept alive until</dt><dd>${describeEnd(batch.keepAlive)}</dd>`}
    ${cost !== null && html`<dt>Cost</dt><dd>${cost}</dd>`}
    ${batch.possibleOrphans > 0 && html`<dt>May exist unrecorded</dt><dd>${formatCount(batch.possibleOrphans)}</dd>`}</dl>
    ${notRenewed !== null && html`<p class="notice" role="status">${sentence(notRenewed)}</p>`}`;
}

function downloads(id: string): Html {
  const mend = 'status=failed,rejected,invalid,unconfirmed';
  return html`<ul class="plain"><li><a href="/batches/${id}/report.csv" download>Report, CSV</a> · <a href="/batches/${id}/report.xlsx" download>XLSX</a> · <a href="/batches/${id}/report.jsonl" download>JSONL</a></li>
    <li><a href="/batches/${id}/report.csv?${mend}" download>Rows to fix, CSV</a> · <a href="/batches/${id}/report.xlsx?${mend}" download>XLSX</a></li></ul>
    <p class="muted"><small>In CSV, cells that a spreadsheet would run have a ' before them; JSONL is exact.</small></p>`;
}

function about({ batch }: BatchStatusView, nowMs: number): Html {
  const { name, format, options, mends, createdAtMs, schedule, tags } = batch;
  const report = describeReport(batch);
  return html`<dl class="facts"><dt>Manifest</dt><dd>${name} (${format})</dd>
    <dt>Begun</dt><dd>${moment(createdAtMs, nowMs)}</dd>
    ${schedule !== null && html`<dt>Schedule</dt><dd><a href="/schedules/${schedule}">${schedule}</a></dd>`}
    ${tags.length > 0 && html`<dt>Tags</dt><dd>${tagLinks(tags)}</dd>`}
    ${options.reuse && html`<dt>Reuse</dt><dd>live sessions are reused</dd>`}
    ${options.trialRows !== null && html`<dt>First rows tried alone</dt><dd>${options.trialRows}</dd>`}
    ${report !== null && html`<dt>Report</dt><dd>${report.place}${!report.isTrouble && html`, ${report.words} ${report.writtenAtMs !== null && moment(report.writtenAtMs, nowMs)}`}</dd>`}
    ${arranged(batch, nowMs)}
    ${mends !== null && html`<dt>Mends</dt><dd><a href="/batches/${mends}">${mends}</a></dd>`}</dl>
    ${report?.isTrouble && html`<p class="notice" role="status">${report.words}</p>`}`;
}

function arranged({ options, key, after, window, finishBy }: ShownBatch, nowMs: number): Html {
  return html`${options.strictFps && html`<dt>Frame rates</dt><dd>strict</dd>`}
    ${key !== null && html`<dt>Rows are found by</dt><dd>${key.join(', ')}</dd>`}
    ${window !== null && html`<dt>Worked on within</dt><dd>${window.from}–${window.to} (${window.zone})</dd>`}
    ${finishBy !== null && html`<dt>Should end by</dt><dd>${moment(finishBy.atMs, nowMs)}</dd>`}
    ${after !== null && html`<dt>Continues</dt><dd><a href="/batches/${after}">${after}</a></dd>`}`;
}
