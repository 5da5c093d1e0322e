import type { DashboardContext } from '../dashboard-env.ts';
import type { DashboardPorts } from '../ports.ts';
import { readSchedule, readScheduleHistory, readSchedules } from '../read/read-schedules.ts';
import { scheduleActApi } from '../schedules/schedule-acts.ts';
import { setRequested } from '../schedules/set-schedule.ts';
import { type ApiRoute, answerWith, change, get, refuseWith } from './api-route.ts';
import { pageQuery } from './paging.ts';
import { scheduleHistory, scheduleList, scheduleSet, wantedSchedule } from './schedule-schemas.ts';

const NO_SUCH = refuseWith({ kind: 'not_found', what: 'such schedule' });

export const scheduleApi = (ports: DashboardPorts): ApiRoute[] => [
  get(
    '/schedules',
    { summary: 'List schedules', query: pageQuery(parseName), answer: scheduleList },
    async ({ query }) => answerWith(await readSchedules(ports, query)),
  ),
  get(
    '/schedules/:name',
    {
      summary: 'Read schedule and its runs',
      query: pageQuery(parseTime),
      answer: scheduleHistory,
    },
    async ({ context, query }) => {
      const found = await readScheduleHistory(ports, nameOf(context), query);
      if (found === null) return NO_SUCH;
      return answerWith({ ...found, next: found.next === null ? null : String(found.next) });
    },
  ),
  change(
    'PUT',
    '/schedules/:name',
    { summary: 'Set schedule', body: wantedSchedule, answer: scheduleSet },
    async ({ context, body }) => {
      const result = await setRequested(ports, nameOf(context), body, context.var.user.name);
      const schedule = await readSchedule(ports, nameOf(context));
      return schedule === null ? NO_SUCH : answerWith({ result, schedule });
    },
  ),
  ...scheduleActApi(ports),
];

/** Schedules are listed by name. Any text, as the name of a damaged schedule may be anything. */
const parseName = (text: string): string | null => text || null;
/** Runs are listed by planned time, in ms. */
const parseTime = (text: string): number | null => (/^\d{1,16}$/.test(text) ? Number(text) : null);

const nameOf = ({ req }: DashboardContext): string => req.param('name') ?? '';
