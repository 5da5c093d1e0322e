import { html } from 'hono/html';
import type { ScheduleView } from '../../api/schedule-schemas.ts';
import type { Html } from '../../dashboard-env.ts';
import type { LiveHub } from '../../live/live-hub.ts';
import { livePage } from '../../live/live-page.ts';
import { cronWords, lastRun, nextTimes, scheduleState } from '../../parts/schedule-parts.ts';
import { unreadableList } from '../../parts/unreadable-list.ts';
import type { DashboardPorts } from '../../ports.ts';
import { readSchedules, type ScheduleList } from '../../read/read-schedules.ts';
import type { Route } from '../../route.ts';

interface Facts extends ScheduleList {
  nowMs: number;
}

/** What is imported when, and the latest results. */
export const schedulesRoutes = (ports: DashboardPorts, hub: LiveHub): Route[] =>
  livePage<Facts>(hub, {
    path: '/schedules',
    title: () => 'Schedules',
    read: async () => ({ ...(await readSchedules(ports)), nowMs: ports.now() }),
    parts: (facts) => ({ list: list(facts) }),
    frame: (part, { var: { user } }) => html`<div class="title"><h1>Schedules</h1>
      ${user.role === 'operator' && html`<a class="button end" href="/schedules/-/new">New schedule</a>`}</div>
      <section class="card" id="list" aria-label="Schedules">${part('list')}</section>`,
  });

function list({ schedules, unreadable, nowMs }: Facts): Html {
  if (schedules.length === 0) {
    return html`${unreadableList(unreadable)}<p class="muted">No schedules yet. A schedule imports a manifest at set times, such as every night at two.</p>`;
  }
  return html`${unreadableList(unreadable)}<ul class="batches">${schedules.map((schedule) => one(schedule, nowMs))}</ul>`;
}

const one = (schedule: ScheduleView, nowMs: number): Html =>
  html`<li><div class="row"><a href="/schedules/${schedule.name}"><strong>${schedule.name}</strong></a> ${scheduleState(schedule)}
    <span class="muted end">${cronWords(schedule.cron)} ${schedule.zone}</span></div>
    <p class="muted"><code>${schedule.manifest}</code></p>
    <div class="columns"><div class="grow">${lastRun(schedule, nowMs)}</div><div class="side">${nextTimes(schedule)}</div></div></li>`;
