import type { Schedule } from '../core/schedule/schedule.ts';
import { showPlace } from '../report/delivery/report-place.ts';
import { showManifest } from '../schedule/schedule-report.ts';
import {
  flagOf,
  type RequestOption,
  type Written,
  type WrittenRequest,
  writeRequest,
} from './option.ts';
import { requestOf, SCHEDULE_OPTIONS } from './schedule-request.ts';

/** A schedule in the words of its options, without those that are not set. It holds secrets. */
export const writeSchedule = (schedule: Schedule): WrittenRequest =>
  Object.fromEntries(
    Object.entries(writeRequest(SCHEDULE_OPTIONS, requestOf(schedule))).filter(
      ([name, value]) => value !== null && (name !== 'notifyFormat' || schedule.notify !== null),
    ),
  );

/** One setting of a schedule in words. */
export interface ScheduleSetting {
  flag: string;
  /** It may hold a secret, so show only the result of `showSetting`. Null when it is not set. */
  value: string | null;
}

export function settingsOf(schedule: Schedule): ScheduleSetting[] {
  const written = writeSchedule(schedule);
  return Object.entries(SCHEDULE_OPTIONS).map(([name, option]: [string, RequestOption]) => ({
    flag: flagOf(name, option),
    value: inWords(written[name] ?? null),
  }));
}

function inWords(value: Written): string | null {
  if (value === null || value === false) return null;
  if (value === true) return 'yes';
  if (typeof value !== 'object') return String(value);
  const words = Array.isArray(value)
    ? value.join(',')
    : Object.entries(value)
        .map(([role, column]) => `${role}=${column}`)
        .join(', ');
  return words === '' ? null : words;
}

/** A setting's value that is safe to show: without the path of a webhook and the query of an address. */
export function showSetting({ flag, value }: ScheduleSetting): string {
  if (value === null) return 'none';
  if (flag === 'notify-url') return `${new URL(value).origin}/…`;
  if (flag === 'out') return showPlace(value);
  return flag === 'manifest' ? showManifest(value) : value;
}
