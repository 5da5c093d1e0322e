import type { Schedule } from './schedule.ts';

/** One thing that differs between two schedules. */
export interface ScheduleChange {
  /** Such as `cron` or `reuse`. */
  field: string;
  from: unknown;
  to: unknown;
}

/** What makes one schedule another, field by field, in the order of the second. */
export function compareSchedules(before: Schedule, after: Schedule): ScheduleChange[] {
  const old = flatten(before);
  return [...flatten(after)].flatMap(([field, to]) => {
    const from = old.get(field) ?? null;
    return JSON.stringify(from) === JSON.stringify(to) ? [] : [{ field, from, to }];
  });
}

/** What lies in `reading` and `options` stands beside the rest. */
function flatten({ reading, options, ...rest }: Schedule): Map<string, unknown> {
  return new Map<string, unknown>(Object.entries({ ...rest, ...reading, ...options }));
}
