import type { z } from 'zod';
import {
  SCHEDULE_ACTS,
  SCHEDULE_VERBS,
  type ScheduleEnding,
  type ScheduleVerb,
} from '../../lib/requests/schedule-acts.ts';
import { type ApiRoute, answerWith, change as changeByApi, refuseWith } from '../api/api-route.ts';
import { removedSchedule, scheduleView, startedRun } from '../api/schedule-schemas.ts';
import type { DashboardContext } from '../dashboard-env.ts';
import { refuse } from '../pages/refusal.ts';
import type { DashboardPorts } from '../ports.ts';
import { readSchedule } from '../read/read-schedules.ts';
import { change, type Route } from '../route.ts';

/** How the dashboard shows an act, besides the act itself. */
interface ScheduleActFace {
  method: 'POST' | 'DELETE';
  answer: z.ZodType;
  /** The page's message afterwards; null if the schedule no longer exists. */
  done: string | null;
}

const FACES: Record<ScheduleVerb, ScheduleActFace> = {
  run: { method: 'POST', answer: startedRun, done: 'A run has started; see below.' },
  pause: {
    method: 'POST',
    answer: scheduleView,
    done: 'No more runs are planned; batches under way continue.',
  },
  resume: {
    method: 'POST',
    answer: scheduleView,
    done: 'Runs are planned again, from now on.',
  },
  remove: { method: 'DELETE', answer: removedSchedule, done: null },
};

/** What operators do with a schedule besides changing it, as routes of the API. */
export const scheduleActApi = (ports: DashboardPorts): ApiRoute[] =>
  SCHEDULE_VERBS.map((verb) => {
    const { method, answer } = FACES[verb];
    const path = method === 'DELETE' ? '/schedules/:name' : `/schedules/:name/${verb}`;
    const { summary } = SCHEDULE_ACTS[verb];
    return changeByApi(method, path, { summary, answer }, async ({ context }) => {
      const ending = await act(ports, context, verb);
      if (ending?.kind === 'impossible') return refuseWith(ending);
      const isView = answer === scheduleView;
      const result = isView ? await readSchedule(ports, nameIn(context)) : ending?.result;
      return ending === null || result == null
        ? refuseWith({ kind: 'not_found', what: 'such schedule' })
        : answerWith(result);
    });
  });

/** The same as the routes of the buttons on a schedule's page. */
export const scheduleActRoutes = (ports: DashboardPorts): Route[] =>
  SCHEDULE_VERBS.map((verb) =>
    change(`/schedules/:name/${verb}`, async (context) => {
      const name = nameIn(context);
      const ending = await act(ports, context, verb);
      if (ending === null)
        return await refuse(context, { kind: 'not_found', what: `schedule ${name}` });
      if (ending.kind === 'impossible') return await refuse(context, ending);
      const there = FACES[verb].done === null ? '' : `/${name}?done=${verb}`;
      return context.redirect(`/schedules${there}`, 303);
    }),
  );

const nameIn = ({ req }: DashboardContext): string => req.param('name') ?? '';

function act(
  ports: DashboardPorts,
  context: DashboardContext,
  verb: ScheduleVerb,
): Promise<ScheduleEnding> {
  return SCHEDULE_ACTS[verb].carryOut(ports, nameIn(context), context.var.user.name);
}

/** The sentence on a schedule's page about the change that led to it; null for an unknown change. */
export const describeDone = (done: string | undefined): string | null => {
  const all: Record<string, string | null> = {
    created: 'The schedule was created.',
    changed: 'The schedule was changed.',
    unchanged: 'Nothing changed; the schedule was already like this.',
    ...Object.fromEntries(SCHEDULE_VERBS.map((verb) => [verb, FACES[verb].done])),
  };
  return all[done ?? ''] ?? null;
};
