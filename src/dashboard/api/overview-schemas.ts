import { z } from 'zod';
import { ANSWERS } from '../../lib/core/activity.ts';
import { OUTCOME_STATUSES } from '../../lib/core/row/row.ts';
import { named } from './api-route.ts';
import { batchView, count, gateView, timeMs, unreadableRecords } from './api-schemas.ts';

export const overviewView = named(
  'Overview',
  z.object({
    nowMs: timeMs,
    gate: gateView,
    workers: z.array(
      z.object({ id: z.string(), host: z.string(), pid: z.int(), startedAtMs: timeMs }),
    ),
    running: z
      .array(
        z.object({
          batch: batchView,
          rowsPerSecond: z.number(),
          secondsLeft: z.number().nullable(),
          standstill: z.string().nullable(),
        }),
      )
      .describe('Batches that have not ended, newest first, at most 50.'),
    moreRunning: count.describe('Beside these.'),
    recent: z.array(batchView).describe('Batches that ended last, at most six.'),
    database: z
      .object({
        sentence: z
          .string()
          .describe('Its address without password, how far behind it is, and why.'),
        changesBehind: count,
        behindSinceMs: timeMs.nullable(),
        trouble: z.string().nullable().describe('The last error; null when nothing is wrong.'),
      })
      .nullable()
      .describe('The database of results; null without one.'),
    unreadable: unreadableRecords,
    nextRuns: z
      .array(z.object({ schedule: z.string(), atMs: timeMs, local: z.string(), utc: z.string() }))
      .describe('The next time of each schedule that is not paused, soonest first.'),
  }),
);

export type OverviewView = z.input<typeof overviewView>;

export const activityView = named(
  'Activity',
  z.object({
    stepMs: z.int(),
    steps: z.array(
      z.object({
        atMs: timeMs.describe('When the step began.'),
        answers: z.record(z.enum(ANSWERS), count),
        outcomes: z.record(z.enum(OUTCOME_STATUSES), count),
        latencyP50Ms: z.number().nullable(),
        latencyP95Ms: z.number().nullable(),
        latencyMeanMs: z.number().nullable(),
        timeouts: count.describe('Calls without an answer in time.'),
        callsAllowed: z
          .number()
          .nullable()
          .describe('Calls at once, on average; null for a batch.'),
        callsUsed: z.number().nullable(),
      }),
    ),
  }),
);

export type ActivityView = z.input<typeof activityView>;
