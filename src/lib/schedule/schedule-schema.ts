import { z } from 'zod';
import { MANIFEST_FORMATS, MANIFEST_ROLES } from '../core/manifest/manifest.ts';
import { NOTICE_FORMATS } from '../core/notice/notice-target.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../core/row/row.ts';
import { findTimingProblem } from '../core/schedule/planned-times.ts';
import {
  OVERLAPS,
  RUN_REASONS,
  RUN_STATES,
  type Schedule,
  type ScheduleRun,
} from '../core/schedule/schedule.ts';
import { optionsSchema } from '../store/redis/packing/batch-hash.ts';

/** Lower-case letters, digits and dashes, at least one letter: a name begins the ids of its batches. */
export const isScheduleName = (text: string): boolean =>
  /^[a-z0-9][a-z0-9-]{0,39}$/.test(text) && /[a-z]/.test(text);

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);

const timeMs = z.number().int().min(0).max(8.64e15);

/** Any moment is enough to check that an expression has a next time. */
const SOME_MOMENT_MS = Date.UTC(2026, 0, 1);

const scheduleFields = z.object({
  name: z.string().refine(isScheduleName, 'is not a name'),
  cron: z.string(),
  zone: z.string(),
  manifest: z.string(),
  overlap: z.enum(OVERLAPS),
  catchUpMs: z.number().nonnegative(),
  unchanged: z.enum(['run', 'skip']),
  only: z.array(z.enum(['new', 'failed'])).nullable(),
  reading: z.object({
    map: z.partialRecord(z.enum(MANIFEST_ROLES), z.string()),
    delimiter: z.enum([',', ';', '|', '\t']).nullable(),
    format: z.enum(MANIFEST_FORMATS).nullable(),
    sheet: z.string().nullable(),
    skipHidden: z.boolean().optional(),
  }),
  options: optionsSchema,
  priority: z.int().min(1).max(100),
  limit: z.int().positive().nullable(),
  // Schedules from earlier versions have none.
  continue: z.string().nullable().default(null),
  key: z.array(z.string()).nullable().default(null),
  maxSessions: z.int().positive().nullable().default(null),
  mends: z.string().nullable(),
  finishBy: timeOfDay.nullable(),
  window: z.object({ from: timeOfDay, to: timeOfDay }).nullable(),
  keepAlive: z.number().positive().nullable().default(null),
  keepAliveUntil: timeOfDay.nullable().default(null),
  out: z.string().nullable().default(null),
  tags: z.array(z.string()).default([]),
  notify: z
    .object({
      url: z.string().refine(URL.canParse, 'is not an address'),
      format: z.enum(NOTICE_FORMATS),
    })
    .nullable(),
});

export const scheduleSchema: z.ZodType<Schedule> = scheduleFields.superRefine(
  ({ cron, zone }, context) => {
    const message = findTimingProblem({ cron, zone }, SOME_MOMENT_MS);
    if (message !== null) context.addIssue({ code: 'custom', message: message.replace(/\.$/, '') });
  },
);

export const runSchema: z.ZodType<ScheduleRun> = z.object({
  plannedAtMs: timeMs,
  trigger: z.enum(['timer', 'catch-up', 'person']),
  state: z.enum(RUN_STATES),
  startedAtMs: timeMs.nullable(),
  finishedAtMs: timeMs.nullable(),
  batchId: z.string().nullable(),
  manifest: z.string().nullable(),
  manifestSha256: z.string().nullable(),
  isUnchanged: z.boolean(),
  comparedWith: z.array(z.string()),
  counts: z.record(z.enum([...PENDING_STATES, ...OUTCOME_STATUSES]), z.number()).nullable(),
  reason: z.object({ code: z.enum(RUN_REASONS), sentence: z.string() }).nullable(),
});
