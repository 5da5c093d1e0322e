import type { Schedule } from '../../lib/core/schedule/schedule.ts';

/** What `schedule set` takes, by its flags in camel case, as forms and programs send it. What is left out has the flag's default. */
export type WantedSchedule = Record<
  string,
  string | number | boolean | string[] | Partial<Record<string, string>> | undefined
>;

export type Understood =
  | { kind: 'understood'; schedule: Schedule }
  /** One sentence that names what cannot be used. */
  | { kind: 'refused'; message: string };

/** Reads and writes schedules in people's words: the same as the command line. */
export interface ScheduleDesk {
  understand(name: string, wanted: WantedSchedule): Understood;
  /** What would be understood as this schedule. Holds its webhook and addresses in full: for operators only. */
  write(schedule: Schedule): WantedSchedule;
}
