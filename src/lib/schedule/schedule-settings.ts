import type { FailureLimit } from '../core/batch/batch.ts';
import type { Schedule } from '../core/schedule/schedule.ts';
import { formatDuration } from '../settings/duration.ts';
import { showManifest } from './schedule-report.ts';

type Written = string | number | boolean | string[] | Record<string, string> | null;

/**
 * A schedule as people write it: by the flags of `schedule set` without their dashes, in the order of the help; null where
 * one is not given and has no default. Secrets are in it.
 */
export function writeSchedule(schedule: Schedule): Record<string, Written> {
  const { reading, options, window, notify } = schedule;
  return {
    cron: schedule.cron,
    tz: schedule.zone,
    manifest: schedule.manifest,
    overlap: schedule.overlap,
    'catch-up': formatDuration(schedule.catchUpMs),
    unchanged: schedule.unchanged,
    only: schedule.only,
    'finish-by': schedule.finishBy,
    window: window && `${window.from}-${window.to}`,
    'notify-url': notify?.url ?? null,
    'notify-format': notify?.format ?? null,
    map: reading.map as Record<string, string>,
    delimiter: reading.delimiter === '\t' ? 'TAB' : reading.delimiter,
    format: reading.format,
    sheet: reading.sheet,
    'skip-hidden': reading.skipHidden ?? false,
    limit: schedule.limit,
    'strict-fps': options.strictFps,
    'max-failures': writeLimit(options.maxFailures),
    reuse: options.reuse,
    canary: options.trialRows,
    priority: schedule.priority,
    mends: schedule.mends,
    tag: schedule.tags.length === 0 ? null : schedule.tags,
  };
}

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

/** One setting of a schedule in words. */
export interface ScheduleSetting {
  flag: string;
  /** Secrets are in it, so only `showSetting` may be shown. Null where it is not given. */
  value: string | null;
}

export const settingsOf = (schedule: Schedule): ScheduleSetting[] =>
  Object.entries(writeSchedule(schedule)).map(([flag, value]) => ({ flag, value: inWords(value) }));

function inWords(value: Written): string | null {
  if (value === null || value === false) return null;
  if (value === true) return 'yes';
  if (Array.isArray(value)) return value.join(',');
  if (typeof value !== 'object') return String(value);
  const pairs = Object.entries(value).map(([role, column]) => `${role}=${column}`);
  return pairs.length === 0 ? null : pairs.join(', ');
}

/** A setting's value as anybody may see it: without the path of a webhook and the query of an address. */
export function showSetting({ flag, value }: ScheduleSetting): string {
  if (value === null) return 'none';
  if (flag === 'notify-url') return `${new URL(value).origin}/…`;
  return flag === 'manifest' ? showManifest(value) : value;
}
