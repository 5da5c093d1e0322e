import { html } from 'hono/html';
import { NO_WORKER } from '../../lib/core/batch/explain-standstill.ts';
import { formatCount, formatSpan } from '../../lib/core/in-words.ts';
import { readableTime } from '../../lib/schedule/schedule-report.ts';
import type { GateView } from '../api/api-schemas.ts';
import type { OverviewView } from '../api/overview-schemas.ts';
import type { Html, Role } from '../dashboard-env.ts';
import type { LiveHub } from '../live/live-hub.ts';
import { livePage } from '../live/live-page.ts';
import { actForm } from '../parts/act-form.ts';
import { progressWords } from '../parts/batch-words.ts';
import { charts, SPAN_PARAMETER, spanLinks } from '../parts/charts.ts';
import { countsBar } from '../parts/counts-bar.ts';
import { gatePanel, momentsOf } from '../parts/gate-panel.ts';
import { unreadableList } from '../parts/unreadable-list.ts';
import { moment, sentence } from '../parts/words.ts';
import type { DashboardPorts } from '../ports.ts';
import { type Charted, readCharts } from '../read/read-charts.ts';
import { readOverview } from '../read/read-overview.ts';
import type { Route } from '../route.ts';

interface Facts {
  overview: OverviewView;
  charted: Charted;
  /** Why workers that run do nothing; null if none runs. */
  workerRefusal: string | null;
}

const SHOWN_RUNNING = 8;
const SHOWN_NEXT = 5;

export const overviewRoutes = (ports: DashboardPorts, hub: LiveHub): Route[] =>
  livePage<Facts>(hub, {
    path: '/',
    title: () => 'Overview',
    filters: SPAN_PARAMETER,
    read: ({ query }) => readFacts(ports, query('span')),
    parts: ({ overview, charted, workerRefusal }, { role }) => ({
      gate: html`${gatePanel(overview.gate, role)}${databaseLine(overview)}`,
      charts: charts(charted, false),
      running: runningList(overview, role),
      recent: recentList(overview),
      workers: workerList(overview, workerRefusal ?? ports.noWorker ?? NO_WORKER),
      next: nextRunList(overview),
    }),
    frame: (part, context) => html`<h1 class="hidden">Overview</h1>${actForm(context)}
      <section class="card" aria-label="Gate" id="gate">${part('gate')}</section>
      ${spanLinks(context, '/')}
      <section aria-label="Charts" id="charts">${part('charts')}</section>
      <div class="columns">
        <section class="card grow"><h2>Running</h2><div id="running">${part('running')}</div></section>
        <div class="side">
          <section class="card"><h2>Workers</h2><div id="workers">${part('workers')}</div></section>
          <section class="card"><h2>Next runs</h2><div id="next">${part('next')}</div></section>
          <section class="card"><h2>Ended last</h2><div id="recent">${part('recent')}</div></section>
        </div>
      </div>`,
  });

async function readFacts(ports: DashboardPorts, span: string): Promise<Facts> {
  const [overview, charted] = await Promise.all([readOverview(ports), readCharts(ports, span)]);
  const isIdle = overview.workers.length === 0;
  const workerRefusal = isIdle ? await ports.overview.readWorkerRefusal() : null;
  return { overview, charted, workerRefusal };
}

/** Where an empty list leads. */
const startOne = (role: Role): Html =>
  role === 'operator'
    ? html`<a href="/upload">Upload a manifest</a>, or let a <a href="/schedules">schedule</a> import one.`
    : html`An operator starts one with a manifest; <a href="/batches">all batches</a>.`;

function runningList({ gate, running, moreRunning, unreadable }: OverviewView, role: Role): Html {
  if (running.length === 0) {
    return html`${unreadableList(unreadable)}<p class="muted">No batch is running. ${startOne(role)}</p>`;
  }
  const others = Math.max(0, running.length - SHOWN_RUNNING) + moreRunning;
  const more = html`<p><a href="/batches">${formatCount(others)} more ${others === 1 ? 'batch' : 'batches'}</a></p>`;
  return html`${unreadableList(unreadable)}<ul class="batches">${running.slice(0, SHOWN_RUNNING).map((picture) => runningBatch(picture, gate))}</ul>${others > 0 && more}`;
}

function databaseLine({ database }: OverviewView): Html | null {
  if (database === null) return null;
  const { trouble, behindSinceMs } = database;
  const moments = behindSinceMs === null ? [] : [behindSinceMs];
  return html`<p class="${trouble === null ? 'muted' : 'notice'}">${sentence(database.sentence, moments)}</p>`;
}

const runningBatch = (picture: OverviewView['running'][number], gate: GateView): Html => {
  const { batch } = picture;
  // A reason that concerns all batches is shown once, at the top.
  const standstill = picture.standstill === gate.sentence ? null : picture.standstill;
  return html`<li><div class="row"><a href="/batches/${batch.id}"><strong>${batch.id}</strong></a>
    <span class="state ${batch.state}">${batch.state}</span><span class="muted end">${progressWords(picture)}</span></div>
    ${countsBar(batch.counts)}${standstill !== null && html`<p class="notice">${sentence(standstill, momentsOf(gate))}</p>`}</li>`;
};

function nextRunList({ nextRuns, nowMs }: OverviewView): Html {
  if (nextRuns.length === 0) {
    return html`<p class="muted">Nothing is planned; a <a href="/schedules">schedule</a> imports manifests at set times.</p>`;
  }
  const more = html`<p><a href="/schedules">All schedules</a></p>`;
  return html`<ul class="plain">${nextRuns
    .slice(0, SHOWN_NEXT)
    .map(
      ({ schedule, atMs, local }) =>
        html`<li><div class="row"><a href="/schedules/${schedule}">${schedule}</a> <span class="muted end">in ${formatSpan(atMs - nowMs)}</span></div><small class="muted">${readableTime(local)}</small></li>`,
    )}</ul>${nextRuns.length > SHOWN_NEXT && more}`;
}

const recentList = ({ recent, nowMs }: OverviewView): Html =>
  recent.length === 0
    ? html`<p class="muted">None yet. Batches that have ended are listed here.</p>`
    : html`<ul class="plain">${recent.map(
        ({ id, counts, finishedAtMs }) =>
          html`<li><div class="row"><a href="/batches/${id}">${id}</a><span class="muted end">${moment(finishedAtMs ?? 0, nowMs)}</span></div>${countsBar(counts)}</li>`,
      )}</ul>`;

function workerList({ workers, nowMs }: OverviewView, noWorker: string): Html {
  if (workers.length === 0) {
    return html`<p class="notice">${sentence(noWorker)}</p>`;
  }
  const sorted = workers.toSorted((a, b) => a.startedAtMs - b.startedAtMs);
  return html`<ul class="plain">${sorted.map(
    ({ host, pid, startedAtMs }) =>
      html`<li class="row"><span><i class="dot f-succeeded"></i>${host} <small class="muted">${pid}</small></span>
      <span class="muted end">for ${formatSpan(nowMs - startedAtMs)}</span></li>`,
  )}</ul>`;
}
