import type { Schedule } from '../core/schedule/schedule.ts';
import { type ScheduleSetting, settingsOf, showSetting } from '../requests/write-schedule.ts';

/** One difference between two schedules, safe to show. */
export interface ScheduleChange {
  /** Such as `cron` or `reuse`. */
  flag: string;
  from: string;
  to: string;
}

/** The differences between two schedules, in the order of the settings. */
export function compareSchedules(before: Schedule, after: Schedule): ScheduleChange[] {
  const old = settingsOf(before);
  return settingsOf(after).flatMap((setting, index) => {
    const from = old[index] ?? setting;
    return from.value === setting.value ? [] : [changeOf(from, setting)];
  });
}

function changeOf(before: ScheduleSetting, after: ScheduleSetting): ScheduleChange {
  const [from, to] = [showSetting(before), showSetting(after)];
  return {
    flag: after.flag,
    from,
    to: from === to ? 'a different one, which is not shown' : to,
  };
}
