import { html } from 'hono/html';
import { cronInWords } from '../../lib/core/schedule/cron-in-words.ts';
import { readableTime } from '../../lib/schedule/schedule-report.ts';
import type { RunView, ScheduleView } from '../api/schedule-schemas.ts';
import type { Html } from '../dashboard-env.ts';
import { countsBar } from './counts-bar.ts';
import { moment } from './words.ts';

export const scheduleState = ({ isPaused }: ScheduleView): Html =>
  isPaused
    ? html`<span class="state paused">paused</span>`
    : html`<span class="state running">active</span>`;

/** `At 02:00, every day`, with the expression beside it. */
export function cronWords(cron: string): Html {
  const words = cronInWords(cron);
  return words === null ? html`<code>${cron}</code>` : html`${words} <code>${cron}</code>`;
}

/** In the schedule's time zone and in UTC. */
export function nextTimes({ next, zone }: ScheduleView): Html {
  if (next.length === 0) return html`<p class="muted">None while it is paused.</p>`;
  return timesTable(next, zone);
}

export function timesTable(next: ScheduleView['next'], zone: string): Html {
  const line = ({ local, utc }: ScheduleView['next'][number]): Html =>
    html`<tr><td class="nowrap">${readableTime(local)}</td><td class="nowrap muted"><small>${readableTime(utc).slice('2026-'.length)}</small></td></tr>`;
  return html`<table><thead><tr><th>Next, ${zone}</th><th>UTC</th></tr></thead><tbody>${next.map(line)}</tbody></table>`;
}

const STATE_CLASSES: Record<RunView['state'], string> = {
  waiting: '',
  importing: 'importing',
  running: 'running',
  finished: 'completed',
  skipped: 'paused',
  missed: 'bad',
  failed: 'bad',
};

export const runState = ({ state }: RunView): Html =>
  html`<span class="state ${STATE_CLASSES[state]}">${state}</span>`;

/** Planned time, result, batch, and the reason when there is none. */
export function lastRun({ lastRun: run }: ScheduleView, nowMs: number): Html {
  if (run === null) return html`<p class="muted">No runs yet.</p>`;
  return html`<p>Last run ${readableTime(run.planned.local)} ${runState(run)}
    ${run.batchId !== null && html`<a href="/batches/${run.batchId}">${run.batchId}</a>`}
    ${run.finishedAtMs !== null && html`<span class="muted">ended ${moment(run.finishedAtMs, nowMs)}</span>`}</p>
    ${run.counts !== null && countsBar(run.counts)}${run.reason !== null && html`<p class="notice">${run.reason.sentence}</p>`}`;
}
