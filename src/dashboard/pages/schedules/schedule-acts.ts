import type { KeptSchedule } from '../../../lib/core/schedule/schedule.ts';
import {
  pauseSchedule,
  removeSchedule,
  resumeSchedule,
  runScheduleNow,
} from '../../../lib/schedule/steer-schedule.ts';
import type { DashboardPorts } from '../../ports.ts';
import { change, type Route } from '../../route.ts';
import { type Refusal, refuse } from '../refusal.ts';
import { withSchedule } from './with-schedule.ts';

/** The refusal; null when it was done. */
type Act = (kept: KeptSchedule, who: string) => Promise<Refusal | null>;

/** What operators do with a schedule besides changing it; all of it goes into the history under their name. */
export function scheduleActRoutes(ports: DashboardPorts): Route[] {
  const acts: Record<string, Act> = {
    run: async (kept, who) => {
      const result = await runScheduleNow(ports, kept, who);
      return result.kind === 'started' ? null : { kind: 'impossible', sentence: result.sentence };
    },
    pause: async ({ schedule }, who) => ignore(await pauseSchedule(ports, schedule.name, who)),
    resume: async ({ schedule }, who) => ignore(await resumeSchedule(ports, schedule.name, who)),
    remove: async ({ schedule }, who) => ignore(await removeSchedule(ports, schedule.name, who)),
  };
  return Object.entries(acts).map(([verb, act]) =>
    change(`/schedules/:name/${verb}`, (context) =>
      withSchedule(ports, context, async (kept) => {
        const refusal = await act(kept, context.var.user.name);
        if (refusal !== null) return await refuse(context, refusal);
        const there = verb === 'remove' ? '' : `/${kept.schedule.name}?done=${verb}`;
        return context.redirect(`/schedules${there}`, 303);
      }),
    ),
  );
}

/** Two people at once, or one person twice: the result is what they wanted. */
const ignore = (_result: unknown): null => null;
