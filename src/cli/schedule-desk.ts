import type {
  ScheduleDesk,
  Understood,
  WantedSchedule,
} from '../dashboard/schedules/schedule-desk.ts';
import type { FailureLimit } from '../lib/core/batch.ts';
import type { Schedule } from '../lib/core/schedule.ts';
import { formatDuration } from '../lib/duration.ts';
import { CliError } from './exit.ts';
import { type ScheduleEntry, scheduleOfEntry } from './schedule-entry.ts';

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

function write(schedule: Schedule): WantedSchedule {
  const { zone, catchUpMs, reading, options, window, notify } = schedule;
  const { delimiter } = reading;
  return dropNull({
    cron: schedule.cron,
    tz: zone,
    manifest: schedule.manifest,
    overlap: schedule.overlap,
    catchUp: formatDuration(catchUpMs),
    unchanged: schedule.unchanged,
    only: schedule.only,
    map: reading.map,
    delimiter: delimiter === '\t' ? 'TAB' : delimiter,
    format: reading.format,
    sheet: reading.sheet,
    limit: schedule.limit,
    strictFps: options.strictFps,
    maxFailures: writeLimit(options.maxFailures),
    reuse: options.reuse,
    canary: options.trialRows,
    priority: schedule.priority,
    mends: schedule.mends,
    finishBy: schedule.finishBy,
    window: window && `${window.from}-${window.to}`,
    notifyUrl: notify?.url,
    notifyFormat: notify?.format,
  });
}

const dropNull = (written: Record<string, WantedSchedule[string] | null>): WantedSchedule =>
  Object.fromEntries(
    Object.entries(written).filter(([, value]) => value !== null),
  ) as WantedSchedule;

function writeLimit(limit: FailureLimit): string {
  switch (limit.kind) {
    case 'share':
      return `${limit.percent}%`;
    case 'count':
      return String(limit.rows);
    case 'off':
      return 'off';
  }
}
