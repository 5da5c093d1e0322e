import type { DashboardContext } from '../dashboard-env.ts';
import type { DashboardPorts } from '../ports.ts';
import { readSchedule, readScheduleHistory, readSchedules } from '../read/read-schedules.ts';
import { scheduleActApi } from '../schedules/schedule-acts.ts';
import { setRequested } from '../schedules/set-schedule.ts';
import { type ApiRoute, answerWith, change, get, refuseWith } from './api-route.ts';
import { scheduleHistory, scheduleList, scheduleSet, wantedSchedule } from './schedule-schemas.ts';

const NO_SUCH = refuseWith({ kind: 'not_found', what: 'such schedule' });

export const scheduleApi = (ports: DashboardPorts): ApiRoute[] => [
  get('/schedules', { summary: 'List schedules', answer: scheduleList }, async () =>
    answerWith(await readSchedules(ports)),
  ),
  get(
    '/schedules/:name',
    { summary: 'Read schedule and its runs', answer: scheduleHistory },
    async ({ context }) => {
      const found = await readScheduleHistory(ports, nameOf(context));
      return found === null ? NO_SUCH : answerWith(found);
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

const nameOf = ({ req }: DashboardContext): string => req.param('name') ?? '';
