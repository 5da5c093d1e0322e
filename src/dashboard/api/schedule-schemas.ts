import { z } from 'zod';
import { MANIFEST_ROLES } from '../../lib/core/manifest/manifest.ts';
import { NOTICE_FORMATS } from '../../lib/core/notice/notice-target.ts';
import { OVERLAPS, RUN_REASONS, RUN_STATES } from '../../lib/core/schedule/schedule.ts';
import { shapeOf } from '../../lib/requests/option.ts';
import { SCHEDULE_OPTIONS } from '../../lib/requests/schedule-request.ts';
import { named, namedBody } from './api-route.ts';
import { batchOptions, rowCounts, timeMs, unreadableRecords } from './api-schemas.ts';
import { nextPage } from './paging.ts';

const hours = z.string().describe('`HH:mm` in the time zone `zone`.');
const shownTime = z.object({
  local: z.string().describe('ISO 8601, in the time zone `zone`.'),
  utc: z.string().describe('ISO 8601.'),
});

export const runView = named(
  'ScheduleRun',
  z.object({
    plannedAtMs: timeMs,
    planned: shownTime,
    trigger: z.enum(['timer', 'catch-up', 'person']),
    state: z.enum(RUN_STATES),
    startedAtMs: timeMs.nullable(),
    finishedAtMs: timeMs.nullable(),
    batchId: z.string().nullable(),
    manifest: z
      .string()
      .nullable()
      .describe('The manifest that was found; an address without its query.'),
    isUnchanged: z.boolean().describe('The manifest is identical to that of the previous run.'),
    counts: rowCounts.nullable(),
    reason: z
      .object({ code: z.enum(RUN_REASONS), sentence: z.string() })
      .nullable()
      .describe('Why the run made no batch, or why its batch did not finish.'),
  }),
);

export const scheduleView = named(
  'Schedule',
  z.object({
    name: z.string(),
    cron: z.string(),
    zone: z.string(),
    manifest: z.string().describe('An address without its query.'),
    overlap: z.enum(OVERLAPS),
    catchUpMs: z.number(),
    unchanged: z.enum(['run', 'skip']),
    only: z.array(z.enum(['new', 'failed'])).nullable(),
    reading: z.object({
      map: z.partialRecord(z.enum(MANIFEST_ROLES), z.string()),
      delimiter: z.string().nullable(),
      format: z.string().nullable(),
      sheet: z.string().nullable(),
      skipHidden: z.boolean().optional(),
    }),
    options: batchOptions,
    priority: z.int(),
    maxSessions: z.int().nullable(),
    limit: z.int().nullable(),
    continue: z.string().nullable(),
    key: z.array(z.string()).nullable(),
    mends: z.string().nullable(),
    finishBy: hours.nullable(),
    window: z.object({ from: hours, to: hours }).nullable(),
    keepAlive: z.number().nullable().describe('In ms from the start of a run.'),
    keepAliveUntil: hours.nullable(),
    notify: z
      .object({ url: z.string().describe('Only its origin.'), format: z.enum(NOTICE_FORMATS) })
      .nullable(),
    out: z
      .string()
      .nullable()
      .describe('Where the report of each run is written; an address without its query.'),
    tags: z.array(z.string()),
    isPaused: z.boolean(),
    createdAtMs: timeMs,
    setAtMs: timeMs,
    next: z.array(shownTime).describe('The next five times; none while it is paused.'),
    lastRun: runView.nullable(),
  }),
);
export type ScheduleView = z.input<typeof scheduleView>;
export type RunView = z.input<typeof runView>;

export const scheduleList = named(
  'ScheduleList',
  z.object({
    schedules: z.array(scheduleView).describe('By name.'),
    unreadable: unreadableRecords,
    next: nextPage,
  }),
);

export const scheduleHistory = named(
  'ScheduleHistory',
  z.object({
    schedule: scheduleView,
    runs: z.array(runView).describe('Newest first: the last 100, and older ones under way.'),
    next: nextPage,
  }),
);

/** The flags of `schedule set`, in camel case. */
export const wantedSchedule = namedBody(
  'WantedSchedule',
  z.strictObject(shapeOf(SCHEDULE_OPTIONS)),
);

export const scheduleSet = named(
  'ScheduleSet',
  z.object({ result: z.enum(['created', 'changed', 'unchanged']), schedule: scheduleView }),
);
export const startedRun = named(
  'StartedRun',
  z.object({
    plannedAtMs: timeMs,
    batchId: z.string().describe('The id that its batch will have.'),
  }),
);
export const removedSchedule = named('RemovedSchedule', z.object({ removed: z.string() }));
