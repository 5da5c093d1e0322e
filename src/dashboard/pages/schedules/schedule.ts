import { html } from 'hono/html';
import { countWithoutSession, type RowCounts } from '../../../lib/core/batch/batch.ts';
import { timeInZone } from '../../../lib/core/batch/daily-window.ts';
import { formatCount, formatNumber } from '../../../lib/core/in-words.ts';
import { readableTime } from '../../../lib/schedule/schedule-report.ts';
import { formatDuration } from '../../../lib/settings/duration.ts';
import type { RunView, ScheduleView } from '../../api/schedule-schemas.ts';
import type { DashboardContext, Html, Role } from '../../dashboard-env.ts';
import type { LiveHub } from '../../live/live-hub.ts';
import { livePage } from '../../live/live-page.ts';
import { textUpTo } from '../../parameters.ts';
import { actForm } from '../../parts/act-form.ts';
import { bareBar } from '../../parts/counts-bar.ts';
import { cronWords, nextTimes, runState, scheduleState } from '../../parts/schedule-parts.ts';
import { tagLinks } from '../../parts/tag-links.ts';
import { sentence } from '../../parts/words.ts';
import type { DashboardPorts } from '../../ports.ts';
import { readScheduleHistory } from '../../read/read-schedules.ts';
import type { Route } from '../../route.ts';
import { describeDone } from '../../schedules/schedule-acts.ts';

interface Facts {
  schedule: ScheduleView;
  runs: RunView[];
  /** Why no worker starts runs; null if one can. */
  noWork: string | null;
}

/** For every time in a table whose heading names the zone. */
const OFFSET = / [+-]\d\d:\d\d$/;

/** One schedule: when it runs, the results of its runs, and what operators can do with it. */
export const scheduleRoutes = (ports: DashboardPorts, hub: LiveHub): Route[] =>
  livePage<Facts>(hub, {
    path: '/schedules/:name',
    framed: { done: textUpTo(40) },
    title: ({ param }) => `Schedule ${param('name')}`,
    read: ({ param }) => readFacts(ports, param('name')),
    missing: ({ param }) => `schedule ${param('name')}`,
    parts: (facts, { role }) => ({
      state: scheduleState(facts.schedule),
      buttons: buttons(facts, role),
      next: nextTimes(facts.schedule),
      runs: runTable(facts),
      about: about(facts.schedule),
    }),
    frame,
  });

async function readFacts(ports: DashboardPorts, name: string): Promise<Facts | null> {
  const [history, workers, workerRefusal] = await Promise.all([
    readScheduleHistory(ports, name, { limit: Number.POSITIVE_INFINITY }),
    ports.listWorkers(),
    ports.overview.readWorkerRefusal(),
  ]);
  const none = 'No worker is running; runs wait until one does.';
  const noWork = workerRefusal ?? (workers.length === 0 ? none : null);
  return history && { ...history, noWork };
}

const frame = (
  part: (id: string) => Html,
  context: DashboardContext,
  { schedule: { name } }: Facts,
): Html => html`<div class="title"><h1>${name}</h1><span id="state">${part('state')}</span></div>
  ${doneNotice(context)}
  ${context.var.user.role === 'operator' && html`<section class="card" aria-label="Steering">${actForm(context)}<div class="buttons" id="buttons">${part('buttons')}</div></section>`}
  <div class="columns">
    <div class="grow"><section class="card wide"><h2>Runs</h2><div id="runs">${part('runs')}</div>
      <p><a href="/batches?schedule=${name}">All its batches</a></p></section></div>
    <div class="side">
      <section class="card"><h2>Times</h2><div id="next">${part('next')}</div></section>
      <section class="card"><h2>About</h2><div id="about">${part('about')}</div></section>
    </div>
  </div>`;

function buttons({ schedule: { name, isPaused }, noWork }: Facts, role: Role): Html {
  if (role !== 'operator') return html``;
  const button = (verb: string, words: string, kind = ''): Html =>
    html`<button form="act" formaction="/schedules/${name}/${verb}" id="do-${verb}" class="${kind}">${words}</button>`;
  return html`${button('run', 'Run now')}
    ${isPaused ? button('resume', 'Resume', 'primary') : button('pause', 'Pause')}
    <a class="button" href="/schedules/${name}/edit" id="edit">Edit</a>
    <details id="removing"><summary>Remove …</summary>
      <p class="muted">Its times and history are deleted; its batches stay.</p>${button('remove', 'Remove this schedule', 'danger')}</details>
    ${noWork !== null && html`<p class="notice">${sentence(noWork)}</p>`}`;
}

function runTable({ schedule, runs }: Facts): Html {
  if (runs.length === 0) return html`<p class="muted">No runs yet.</p>`;
  return html`<table class="stacks"><thead><tr><th>Planned, ${schedule.zone}</th><th>State</th><th>Started</th><th>Ended</th><th>Batch</th><th>Rows</th></tr></thead>
    <tbody>${runs.map((run) => line(run, schedule.zone))}</tbody></table>`;
}

const TRIGGERS: Record<RunView['trigger'], string> = {
  timer: '',
  'catch-up': 'caught up',
  person: 'by a person',
};

function line(run: RunView, zone: string): Html {
  const { planned, plannedAtMs, trigger, startedAtMs, finishedAtMs, batchId, reason } = run;
  const time = (atMs: number | null): string =>
    atMs === null ? '' : timeInZone(atMs, zone, plannedAtMs);
  const why = html`<p class="muted">${reason?.sentence ?? 'Same manifest as before.'}</p>`;
  return html`<tr><th scope="row" class="nowrap">${readableTime(planned.local).replace(OFFSET, '')}<br><small class="muted">${TRIGGERS[trigger]}</small></th>
    <td>${runState(run)}</td><td class="nowrap" data-label="started">${time(startedAtMs)}</td><td class="nowrap" data-label="ended">${time(finishedAtMs)}</td>
    <td class="clip" colspan="${run.counts === null ? 2 : 1}">${batchId !== null && html`<a href="/batches/${batchId}">${batchId}</a>`}${(reason !== null || run.isUnchanged) && why}</td>
    ${run.counts !== null && html`<td class="bar-cell">${counts(run.counts)}</td>`}</tr>`;
}

function counts(counted: RowCounts): Html {
  const rows = Object.values(counted).reduce((sum, count) => sum + count, 0);
  const without = countWithoutSession(counted);
  return html`${bareBar(counted)}<small class="muted">${formatNumber(rows, 'row')}${without > 0 ? `, ${formatCount(without)} without a session` : ''}</small>`;
}

const OVERLAP_WORDS: Record<ScheduleView['overlap'], string> = {
  skip: 'the next is skipped',
  queue: 'the next waits',
  'cancel-previous': 'the next cancels it',
};

function about(schedule: ScheduleView): Html {
  const { cron, zone, manifest, overlap, catchUpMs, unchanged, only, options, notify } = schedule;
  const fact = (name: string, value: string | number | null | false): Html | false =>
    value !== null && value !== false && html`<dt>${name}</dt><dd>${value}</dd>`;
  const { window } = schedule;
  return html`<dl class="facts"><dt>When</dt><dd>${cronWords(cron)} (${zone})</dd>${fact('Manifest', manifest)}
    ${fact('While one runs', OVERLAP_WORDS[overlap])}
    ${fact('Missed runs', `start up to ${formatDuration(catchUpMs)} late`)}
    ${fact('Same manifest', unchanged === 'run' ? 'is imported' : 'is skipped')}
    ${fact('Rows', only === null ? 'all' : `only ${only.join(' and ')}`)}
    ${fact('First rows only', schedule.limit)}${fact('First rows tried alone', options.trialRows)}
    ${fact('Live sessions', options.reuse && 'are used again')}
    ${fact('Frame rates', options.strictFps && 'strict')}
    ${fact('Sessions at most', schedule.maxSessions)}${fact('Priority', schedule.priority)}${fact('Mends', schedule.mends)}
    ${schedule.tags.length > 0 && html`<dt>Tags</dt><dd>${tagLinks(schedule.tags)}</dd>`}
    ${fact('Works within', window && `${window.from}–${window.to}`)}
    ${fact('Should end by', schedule.finishBy)}
    ${fact('Sessions are kept alive', schedule.keepAlive !== null && `for ${formatDuration(schedule.keepAlive)}`)}
    ${fact('Sessions are kept alive until', schedule.keepAliveUntil)}
    ${fact('Continues', schedule.continue)}${fact('Rows are found by', schedule.key?.join(', ') ?? null)}${fact('Tells', notify?.url ?? null)}</dl>`;
}

/** The result of the change that led here. */
function doneNotice({ req }: DashboardContext): Html {
  const said = describeDone(req.query('done'));
  return said === null ? html`` : html`<p class="notice good" role="status">${said}</p>`;
}
