import { html } from 'hono/html';
import { cronInWords } from '../../../lib/core/schedule/cron-in-words.ts';
import { findTimingProblem, plannedTimes } from '../../../lib/core/schedule/planned-times.ts';
import { shownTime } from '../../../lib/schedule/schedule-report.ts';
import type { Html } from '../../dashboard-env.ts';
import { textUpTo } from '../../parameters.ts';
import { timesTable } from '../../parts/schedule-parts.ts';
import type { DashboardPorts } from '../../ports.ts';
import { type Route, view } from '../../route.ts';

const SHOWN_TIMES = 5;

/** What a cron expression means, while it is typed; the form has the same without JavaScript. */
export const timingPreviewRoutes = ({ now }: DashboardPorts): Route[] => [
  {
    ...view(
      '/schedules/-/times',
      (context) => {
        const { cron = '', tz = '' } = context.req.query();
        context.header('Cache-Control', 'no-store');
        return context.html(timingPreview(cron.slice(0, 200), tz.slice(0, 100), now()));
      },
      { cron: textUpTo(200), tz: textUpTo(100) },
    ),
    access: 'operator',
  },
];

/** In words, and the next five times; or what is wrong. Nothing for an empty expression. */
export function timingPreview(cron: string, zone: string, nowMs: number): Html {
  if (cron.trim() === '' || zone.trim() === '') return html``;
  const timing = { cron: cron.trim(), zone: zone.trim() };
  const problem = findTimingProblem(timing, nowMs);
  if (problem !== null) return html`<p class="notice">${problem}</p>`;
  const times = plannedTimes(timing, nowMs);
  const next = Array.from({ length: SHOWN_TIMES }, () =>
    shownTime(times.next().value, timing.zone),
  );
  const words = cronInWords(timing.cron);
  return html`${words !== null && html`<p><strong>${words}</strong>, ${timing.zone}.</p>`}${timesTable(next, timing.zone)}`;
}
