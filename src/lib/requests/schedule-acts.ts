import {
  removeSchedule,
  runScheduleNow,
  type ScheduleSteering,
  setPaused,
} from '../schedule/steer-schedule.ts';

export const SCHEDULE_VERBS = ['run', 'pause', 'resume', 'remove'] as const;
export type ScheduleVerb = (typeof SCHEDULE_VERBS)[number];

/** `sentence`: the result, or why there is none. Null if there is no such schedule. */
export type ScheduleEnding =
  | { kind: 'done'; result: object; sentence: string }
  | { kind: 'impossible'; sentence: string }
  | null;

/** One act on a schedule: its command, button and route are made from it. */
interface ScheduleAct {
  /** In the help of its command. */
  description: string;
  /** In the description of the API. */
  summary: string;
  /** Runs the act for `who`. May run twice, except that `run` starts another run. */
  carryOut(steering: ScheduleSteering, name: string, who: string): Promise<ScheduleEnding>;
}

export const SCHEDULE_ACTS: Record<ScheduleVerb, ScheduleAct> = {
  run: {
    description: 'Starts a run now and prints its batch id.',
    summary: 'Run schedule now',
    carryOut: async (steering, name, who) => {
      const kept = await steering.schedules.read(name);
      if (kept === null) return null;
      const run = await runScheduleNow(steering, kept, who);
      if (run.kind === 'overlap') return { kind: 'impossible', sentence: run.sentence };
      const { plannedAtMs, batchId } = run;
      return { kind: 'done', result: { plannedAtMs, batchId }, sentence: batchId };
    },
  },
  pause: {
    description: 'Stops planning runs; batches under way continue.',
    summary: 'Pause schedule',
    carryOut: (steering, name, who) => changePause(steering, name, who, true),
  },
  resume: {
    description: 'Plans runs again from now on; runs missed meanwhile are not made up for.',
    summary: 'Resume schedule',
    carryOut: (steering, name, who) => changePause(steering, name, who, false),
  },
  remove: {
    description: 'Removes a schedule and its history; its batches stay.',
    summary: 'Remove schedule',
    // Also works for an unreadable schedule.
    carryOut: async (steering, name, who) =>
      (await removeSchedule(steering, name, who))
        ? { kind: 'done', result: { removed: name }, sentence: `Schedule ${name} is removed.` }
        : null,
  },
};

async function changePause(
  steering: ScheduleSteering,
  name: string,
  who: string,
  isPaused: boolean,
): Promise<ScheduleEnding> {
  // Says what is damaged before anything is changed.
  if ((await steering.schedules.read(name)) === null) return null;
  const result = await setPaused(steering, name, isPaused, who);
  if (result === 'not_found') return null;
  const was = result === 'unchanged' ? ' already' : '';
  const sentence = `Schedule ${name} is${was} ${isPaused ? 'paused' : 'on'}.`;
  return { kind: 'done', result: { result }, sentence };
}
