import type { KeptSchedule } from '../../lib/core/schedule/schedule.ts';
import {
  pauseSchedule,
  removeSchedule,
  resumeSchedule,
  runScheduleNow,
} from '../../lib/schedule/steer-schedule.ts';
import type { DashboardContext } from '../dashboard-env.ts';
import type { DashboardPorts } from '../ports.ts';
import { readSchedule, readScheduleHistory, readSchedules } from '../read/read-schedules.ts';
import { setRequested } from '../schedules/set-schedule.ts';
import { type ApiRoute, answerWith, change, get, type Reply, refuseWith } from './api-route.ts';
import {
  removedSchedule,
  type ScheduleView,
  scheduleHistory,
  scheduleList,
  scheduleSet,
  scheduleView,
  startedRun,
  wantedSchedule,
} from './schedule-schemas.ts';

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
  change(
    'POST',
    '/schedules/:name/run',
    { summary: 'Run schedule now', answer: startedRun },
    async ({ context }) =>
      withSchedule(ports, context, async (kept) => {
        const run = await runScheduleNow(ports, kept, context.var.user.name);
        return run.kind === 'started'
          ? answerWith(run)
          : refuseWith({ kind: 'impossible', sentence: run.sentence });
      }),
  ),
  steer(ports, 'pause', 'Pause schedule', pauseSchedule),
  steer(ports, 'resume', 'Resume schedule', resumeSchedule),
  change(
    'DELETE',
    '/schedules/:name',
    { summary: 'Remove schedule', answer: removedSchedule },
    async ({ context }) => {
      const removed = nameOf(context);
      const isRemoved = await removeSchedule(ports, removed, context.var.user.name);
      return isRemoved ? answerWith({ removed }) : NO_SUCH;
    },
  ),
];

const nameOf = ({ req }: DashboardContext): string => req.param('name') ?? '';

async function withSchedule<A>(
  { schedules }: DashboardPorts,
  context: DashboardContext,
  use: (kept: KeptSchedule) => Promise<Reply<A>>,
): Promise<Reply<A>> {
  const kept = await schedules.read(nameOf(context));
  return kept === null ? NO_SUCH : await use(kept);
}

/** Repeating it is not an error. */
const steer = (
  ports: DashboardPorts,
  verb: 'pause' | 'resume',
  summary: string,
  act: typeof pauseSchedule | typeof resumeSchedule,
): ApiRoute =>
  change(
    'POST',
    `/schedules/:name/${verb}`,
    { summary, answer: scheduleView },
    async ({ context }): Promise<Reply<ScheduleView>> => {
      const result = await act(ports, nameOf(context), context.var.user.name);
      const schedule = await readSchedule(ports, nameOf(context));
      return result === 'not_found' || schedule === null ? NO_SUCH : answerWith(schedule);
    },
  );
