import { html } from 'hono/html';
import type { ActivityStep } from '../../lib/activity/activity-log.ts';
import type { BatchPicture } from '../../lib/batch-picture.ts';
import { takePicture } from '../../lib/batch-picture.ts';
import { type Batch, isEnded } from '../../lib/core/batch.ts';
import { strictest } from '../../lib/core/gate.ts';
import { readableTime } from '../../lib/schedule/schedule-report.ts';
import type { WorkerInfo } from '../../lib/worker-registry.ts';
import type { Html } from '../dashboard-env.ts';
import type { LiveHub } from '../live/live-hub.ts';
import { livePage } from '../live/live-page.ts';
import { actForm } from '../parts/act-form.ts';
import { progressWords } from '../parts/batch-words.ts';
import { activityCharts } from '../parts/charts.ts';
import { countsBar } from '../parts/counts-bar.ts';
import { type GateFacts, gatePanel } from '../parts/gate-panel.ts';
import { formatMoment, formatSpan, plural, sentence } from '../parts/words.ts';
import type { DashboardPorts } from '../ports.ts';
import { type NextRun, readNextRuns } from '../read/read-schedules.ts';
import type { Route } from '../route.ts';

interface Facts {
  gate: GateFacts;
  running: BatchPicture[];
  /** Running ones beside those that are shown. */
  moreRunning: number;
  recent: Batch[];
  workers: WorkerInfo[];
  steps: ActivityStep[];
  nextRuns: NextRun[];
  nowMs: number;
}

const CHARTED_MS = 3 * 3_600_000;
const SHOWN_RUNNING = 8;
const SHOWN_RECENT = 6;
const SHOWN_NEXT = 5;
/** Running batches are among the newest; older ones are found on the page of batches. */
const LOOKED_AT = 300;

export const overviewRoutes = (ports: DashboardPorts, hub: LiveHub): Route[] =>
  livePage<Facts>(hub, {
    path: '/',
    title: () => 'Overview',
    read: () => readFacts(ports),
    parts: (facts, { role }) => ({
      gate: gatePanel(facts.gate, role),
      charts: activityCharts(facts.steps),
      running: runningList(facts),
      recent: recentList(facts),
      workers: workerList(facts),
      next: nextRunList(facts),
    }),
    frame: (part, context) => html`<h1 class="hidden">Overview</h1>${actForm(context)}
      <section class="card" aria-label="Gate" id="gate">${part('gate')}</section>
      <div class="charts" id="charts">${part('charts')}</div>
      <div class="columns">
        <section class="card grow"><h2>Running</h2><div id="running">${part('running')}</div></section>
        <div class="side">
          <section class="card"><h2>Workers</h2><div id="workers">${part('workers')}</div></section>
          <section class="card"><h2>Next runs</h2><div id="next">${part('next')}</div></section>
          <section class="card"><h2>Ended last</h2><div id="recent">${part('recent')}</div></section>
        </div>
      </div>`,
  });

async function readFacts(ports: DashboardPorts): Promise<Facts> {
  const [{ gate, nowMs }, workers, batches, steps, nextRuns] = await Promise.all([
    ports.gateStore.read(),
    ports.listWorkers(),
    readNewest(ports),
    ports.activity.readRecent('minutes', CHARTED_MS, ports.now()),
    readNextRuns(ports),
  ]);
  const active = batches.filter(({ state }) => !isEnded(state));
  const ended = batches.filter(({ finishedAtMs }) => finishedAtMs !== null);
  const shown = active.slice(0, SHOWN_RUNNING);
  return {
    gate: { gate, nowMs, own: strictest(workers.map(({ limits }) => limits)) ?? ports.ownLimits },
    running: await Promise.all(shown.map(({ id }) => takePicture(ports, id))),
    moreRunning: active.length - shown.length,
    recent: ended
      .toSorted((a, b) => (b.finishedAtMs ?? 0) - (a.finishedAtMs ?? 0))
      .slice(0, SHOWN_RECENT),
    workers,
    steps,
    nextRuns,
    nowMs: ports.now(),
  };
}

async function readNewest({ overview }: DashboardPorts): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of overview.listBatches()) {
    batches.push(batch);
    if (batches.length === LOOKED_AT) break;
  }
  return batches;
}

function runningList({ running, moreRunning }: Facts): Html {
  if (running.length === 0) {
    return html`<p class="muted">Nothing runs. <a href="/upload">Upload a manifest</a>, or give one to <code>kling-sessions import</code>.</p>`;
  }
  const more = html`<p><a href="/batches?state=running">${plural(moreRunning, 'more batch', 'more batches')}</a></p>`;
  return html`<ul class="batches">${running.map(runningBatch)}</ul>${moreRunning > 0 && more}`;
}

const runningBatch = (picture: BatchPicture): Html => {
  const { batch, standstill } = picture;
  return html`<li><div class="row"><a href="/batches/${batch.id}"><strong>${batch.id}</strong></a>
    <span class="state ${batch.state}">${batch.state}</span><span class="muted end">${progressWords(picture)}</span></div>
    ${countsBar(batch.counts)}${standstill !== null && html`<p class="notice">${sentence(standstill)}</p>`}</li>`;
};

function nextRunList({ nextRuns, nowMs }: Facts): Html {
  if (nextRuns.length === 0) {
    return html`<p class="muted">Nothing is planned; a <a href="/schedules">schedule</a> imports at times of day.</p>`;
  }
  const more = html`<p><a href="/schedules">All schedules</a></p>`;
  return html`<ul class="plain">${nextRuns
    .slice(0, SHOWN_NEXT)
    .map(
      ({ schedule, atMs, local }) =>
        html`<li><div class="row"><a href="/schedules/${schedule}">${schedule}</a> <span class="muted end">in ${formatSpan(atMs - nowMs)}</span></div><small class="muted">${readableTime(local)}</small></li>`,
    )}</ul>${nextRuns.length > SHOWN_NEXT && more}`;
}

const recentList = ({ recent, nowMs }: Facts): Html =>
  recent.length === 0
    ? html`<p class="muted">None yet.</p>`
    : html`<ul class="plain">${recent.map(
        ({ id, counts, finishedAtMs }) =>
          html`<li><div class="row"><a href="/batches/${id}">${id}</a><span class="muted end">${formatMoment(finishedAtMs ?? 0, nowMs)}</span></div>${countsBar(counts)}</li>`,
      )}</ul>`;

function workerList({ workers, nowMs }: Facts): Html {
  if (workers.length === 0) {
    return html`<p class="notice">No worker is running; <code>kling-sessions worker</code> starts one.</p>`;
  }
  const sorted = workers.toSorted((a, b) => a.startedAtMs - b.startedAtMs);
  return html`<ul class="plain">${sorted.map(
    ({ host, pid, startedAtMs }) =>
      html`<li class="row"><span><i class="dot f-succeeded"></i>${host} <small class="muted">${pid}</small></span>
      <span class="muted end">for ${formatSpan(nowMs - startedAtMs)}</span></li>`,
  )}</ul>`;
}
