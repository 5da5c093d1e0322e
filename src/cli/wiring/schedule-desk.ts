import type {
  ScheduleDesk,
  Understood,
  WantedSchedule,
} from '../../dashboard/schedules/schedule-desk.ts';
import type { Schedule } from '../../lib/core/schedule/schedule.ts';
import { writeSchedule } from '../../lib/schedule/schedule-settings.ts';
import { type ScheduleEntry, scheduleOfEntry } from '../options/schedule-entry.ts';
import { CliError } from '../process/exit.ts';

/** What is not given is left out, and `catch-up` is `catchUp`. */
const write = (schedule: Schedule): WantedSchedule =>
  Object.fromEntries(
    Object.entries(writeSchedule(schedule))
      .filter(([, value]) => value !== null)
      .map(([flag, value]) => [
        flag.replaceAll(/-[a-z]/g, ([, letter]) => String(letter).toUpperCase()),
        value,
      ]),
  ) as WantedSchedule;

/** The dashboard's way to what the flags of `schedule set` mean. */
export const scheduleDesk: ScheduleDesk = {
  understand: (name, wanted): Understood => {
    try {
      return { kind: 'understood', schedule: scheduleOfEntry(name, entryOf(wanted), null) };
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      return { kind: 'refused', message: withoutFlags(error.message) };
    }
  },
  write,
};

/** `catchUp` → `catch-up`. */
const entryOf = (wanted: WantedSchedule): ScheduleEntry =>
  Object.fromEntries(
    Object.entries(wanted)
      .filter(([, value]) => value !== undefined && value !== '')
      .map(([key, value]) => [
        key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
        value as ScheduleEntry[string],
      ]),
  );

/** Forms and programs have fields. */
const withoutFlags = (message: string): string =>
  message
    .replace(
      /^option '--([\w-]+)[^']*' argument '(.*)' is invalid\. /s,
      '$1: "$2" cannot be used. ',
    )
    .replace(/^required option '--([\w-]+)[^']*' not specified.*/, '$1 is missing.')
    .replaceAll(/(^|\s)--(?=[a-z])/g, '$1');
