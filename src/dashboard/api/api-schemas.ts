import { z } from 'zod';
import { ANSWERS } from '../../lib/core/activity.ts';
import { BATCH_STATES } from '../../lib/core/batch/batch.ts';
import { MANIFEST_FORMATS } from '../../lib/core/manifest/manifest.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../lib/core/row/row.ts';
import { named } from './api-route.ts';

export const count = z.int().min(0);
export const timeMs = z.number().describe('ms since 1970 UTC');
const rowStatus = z.enum([...PENDING_STATES, ...OUTCOME_STATUSES]);

export const rowCounts = z.record(rowStatus, count).describe('They add up to the rows.');

export const batchOptions = z.object({
  strictFps: z.boolean(),
  maxFailures: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('share'), percent: z.number() }),
    z.object({ kind: z.literal('count'), rows: count }),
    z.object({ kind: z.literal('off') }),
  ]),
  reuse: z.boolean(),
  trialRows: count.nullable(),
});

const gateLimits = z.object({
  concurrency: count,
  ratePerSecond: z.number().describe('0 is no limit'),
  sessionsPerDay: count.describe('0 is no limit'),
});

export const gateView = named(
  'Gate',
  z.object({
    mode: z.enum(['open', 'closed', 'blocked']),
    sentence: z.string().describe('The state in words.'),
    sinceMs: timeMs,
    untilMs: timeMs.nullable(),
    cause: z.object({ kind: z.string(), code: z.string(), message: z.string() }).nullable(),
    concurrency: count.describe('Calls that may run at once now.'),
    sessionsToday: count.describe('Calls of this day that have opened a session, or may have.'),
    limits: gateLimits.describe('In force for all workers.'),
    ownLimits: gateLimits.describe("The workers' own limits, used where none is set here."),
    overrides: z.object({
      concurrency: z.number().nullable(),
      ratePerSecond: z.number().nullable(),
      sessionsPerDay: z.number().nullable(),
    }),
  }),
);

export type GateView = z.input<typeof gateView>;

export const batchView = named(
  'Batch',
  z.object({
    id: z.string(),
    name: z.string().describe("The manifest's."),
    format: z.enum(MANIFEST_FORMATS),
    state: z.enum(BATCH_STATES),
    stateReason: z.string().nullable(),
    createdAtMs: timeMs,
    finishedAtMs: timeMs.nullable(),
    rows: count.describe('Stored so far.'),
    isReadToEnd: z
      .boolean()
      .describe('Every row of the manifest is stored; false after an import that was cut short.'),
    counts: rowCounts,
    priority: z.int(),
    maxSessions: count.nullable().describe('Sessions that it may open; null is no limit.'),
    cost: z
      .object({ units: z.number(), balance: z.number() })
      .describe('What all of its sessions cost, as the API says.'),
    usedSessions: count.describe('Its calls that have opened a session, or may have.'),
    options: batchOptions,
    mends: z.string().nullable(),
    schedule: z.string().nullable().describe('The schedule that started it.'),
    tags: z.array(z.string()),
    possibleOrphans: count,
  }),
);

export type BatchView = z.input<typeof batchView>;
export type UnreadableView = z.input<typeof unreadableRecords>[number];

export const unreadableRecords = z
  .array(z.object({ id: z.string(), reason: z.string() }))
  .describe('Batches whose records in Redis are damaged; `reason` says why and what to do.');

export const batchList = named(
  'BatchList',
  z.object({
    batches: z.array(batchView).describe('Newest first.'),
    unreadable: unreadableRecords,
    hasMore: z.boolean(),
  }),
);

const errorCount = z.object({
  code: z.string(),
  count,
  sample: z.string(),
  canBeRetried: z.boolean().describe('False for malformed rows.'),
});

export const errorList = named('ErrorList', z.object({ errors: z.array(errorCount) }));
export type ErrorListView = z.input<typeof errorList>;

export const batchStatusView = named(
  'BatchStatus',
  z.object({
    batch: batchView,
    errors: z.array(errorCount).describe('Most frequent first, at most five.'),
    rowsPerSecond: z.number().describe('Over the last minute.'),
    secondsLeft: z.number().nullable(),
    sessions: z.object({ alive: count, expiringSoon: count, expired: count }),
    workers: count,
    concurrency: count,
    standstill: z.string().nullable().describe('Why nothing moves; null when something does.'),
  }),
);

export type BatchStatusView = z.input<typeof batchStatusView>;

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
      }),
    ),
  }),
);

export type ActivityView = z.input<typeof activityView>;

const errorText = z.object({ code: z.string(), message: z.string() });
const session = z.object({ id: z.string(), expiresAtMs: timeMs });

const shownRow = z.object({
  row: z.int(),
  line: z.int(),
  status: rowStatus,
  cells: z.array(z.string()).describe('Without the signatures of addresses.'),
  session: session.nullable(),
  error: errorText.nullable(),
  attempts: count,
  finishedAtMs: timeMs.nullable(),
});

export const rowPage = named(
  'RowPage',
  z.object({
    columns: z.array(z.string()),
    rows: z.array(shownRow),
    nextRow: z.int().nullable().describe('`from` of the next page; null after the last page.'),
    isCutShort: z
      .boolean()
      .describe(
        'The search ran out of time: rows before `nextRow` were searched; ask again from there.',
      ),
    total: count
      .nullable()
      .describe('Rows that match the filter; null if only reading every row would tell.'),
  }),
);

export type RowPageView = z.input<typeof rowPage>;

export const resultPage = named(
  'ResultPage',
  z.object({
    results: z.array(
      shownRow.extend({
        position: z.string().describe('`after` to continue behind this result.'),
        batchId: z.string(),
        columns: z.array(z.string()).describe('Names of the cells.'),
      }),
    ),
    next: z.string().describe('`after` of the next page, also when this one is empty.'),
    isAtEnd: z.boolean().describe('Nothing has changed since: ask again in a while.'),
  }),
);

export type ResultPageView = z.input<typeof resultPage>;

const attempt = z.object({
  number: z.int(),
  atMs: timeMs,
  failure: errorText.nullable(),
  httpStatus: z.int().nullable(),
  requestId: z.string().nullable(),
});

const outcomeView = z.object({
  status: z.enum(OUTCOME_STATUSES),
  finishedAtMs: timeMs,
  session: session.optional(),
  error: errorText.optional(),
  warnings: z.array(z.string()),
  requestId: z.string().optional(),
  video: z
    .object({
      durationS: z.number().optional(),
      width: z.number().optional(),
      height: z.number().optional(),
      fps: z.number().optional(),
    })
    .optional(),
  duplicateOf: z.int().optional(),
  possibleOrphans: count.optional(),
});

export const rowView = named(
  'Row',
  z.object({
    batchId: z.string(),
    row: z.int(),
    status: rowStatus,
    cells: z.array(z.object({ column: z.string(), text: z.string() })),
    source: z
      .discriminatedUnion('kind', [
        z.object({ kind: z.literal('url'), videoUrl: z.string() }),
        z.object({ kind: z.literal('kling'), videoId: z.string(), taskId: z.string() }),
      ])
      .nullable(),
    outcome: outcomeView.nullable(),
    attempts: z.array(attempt),
    earlier: z.array(z.object({ outcome: outcomeView, attempts: z.array(attempt) })),
  }),
);

export type RowView = z.input<typeof rowView>;

export const historyView = named(
  'History',
  z.object({
    entries: z.array(
      z.object({ atMs: timeMs, who: z.string(), what: z.string(), reason: z.string().nullable() }),
    ),
  }),
);

export type HistoryView = z.input<typeof historyView>;

export const stateView = named(
  'BatchState',
  z.object({
    state: z.enum(BATCH_STATES),
    rows: count.optional().describe('With `dryRun`: rows that would end.'),
  }),
);
export const rowsAgain = named(
  'RowsAgain',
  z.object({
    rows: count.describe('Rows that were queued again, or with `dryRun` would be.'),
    live: count.describe(
      'Of them: rows with a session that lives, beside which another is opened.',
    ),
    longestLifeMs: count.describe('How long the longest of these sessions still lives.'),
    unclear: count.describe(
      'Of them: rows without a clear answer; each may have a session already.',
    ),
  }),
);
export const maxSessionsView = named(
  'MaxSessions',
  z.object({ maxSessions: count.nullable().describe('Null is no limit.') }),
);
export const priorityView = named('Priority', z.object({ priority: z.int().min(1).max(100) }));
