import { z } from 'zod';
import { BATCH_STATES } from '../../lib/core/batch/batch.ts';
import { MANIFEST_FORMATS } from '../../lib/core/manifest/manifest.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../lib/core/row/row.ts';
import { named } from './api-route.ts';
import { nextPage } from './paging.ts';

const cost = z.object({ units: z.number(), balance: z.number() });
export const count = z.int().min(0);
export const timeMs = z.number().describe('ms since 1970 UTC');
export const rowStatus = z.enum([...PENDING_STATES, ...OUTCOME_STATUSES]);

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

const batchReport = z.object({
  place: z.string().describe('An address without its query.'),
  last: z
    .object({
      endedAtMs: timeMs
        .nullable()
        .describe('The end of the batch that it belongs to; null before.'),
      atMs: timeMs,
      result: z.enum(['written', 'failed', 'given_up']).describe('A worker tries `failed` again.'),
      reason: z.string().nullable().describe('Why it was not written.'),
    })
    .nullable()
    .describe('The last attempt.'),
});

const keepAlive = z.object({ untilMs: timeMs, zone: z.string() });

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
    keepAlive: keepAlive.nullable().describe('Until when its sessions are renewed.'),
    cost: cost.describe('What all of its sessions cost, as the API says.'),
    usedSessions: count.describe('Its calls that have opened a session, or may have.'),
    options: batchOptions,
    mends: z.string().nullable(),
    schedule: z.string().nullable().describe('The schedule that started it.'),
    tags: z.array(z.string()),
    key: z.array(z.string()).nullable().describe('Columns by which its rows are found.'),
    after: z.string().nullable().describe('The batch of the same table before this one.'),
    window: z
      .object({ from: z.string(), to: z.string(), zone: z.string() })
      .nullable()
      .describe('Daily hours, HH:mm each, within which its rows are processed.'),
    finishBy: z.object({ atMs: timeMs, zone: z.string() }).nullable(),
    report: batchReport.nullable().describe('Where workers write its report.'),
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
    next: nextPage,
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
    notRenewed: z
      .string()
      .nullable()
      .describe(
        'Why sessions that should be kept alive will expire; null when none will, as far as is known.',
      ),
  }),
);

export type BatchStatusView = z.input<typeof batchStatusView>;

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
    next: nextPage,
    isCutShort: z
      .boolean()
      .describe('The search ran out of time before the page was full: `next` continues it.'),
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
        position: z.string().describe('`after` to continue after this result.'),
        batchId: z.string(),
        columns: z.array(z.string()).describe('Names of the cells.'),
        isExpired: z.boolean().describe('It comes because its session has expired.'),
      }),
    ),
    next: z.string().describe('`after` of the next page, also when this one is empty.'),
    isAtEnd: z.boolean().describe('Nothing has changed since: ask again in a while.'),
  }),
);

export type ResultPageView = z.input<typeof resultPage>;

export const foundRows = named(
  'FoundRows',
  z.object({
    rows: z
      .array(
        shownRow.extend({
          batchId: z.string(),
          columns: z.array(z.string()).describe('Names of the cells.'),
          key: z.string(),
          isAlive: z.boolean().describe('Its session has not expired.'),
        }),
      )
      .describe('Those with a live session first, the longest life first; then the newest batch.'),
    next: nextPage,
    isCutOff: z.boolean().describe('Over 1000 rows share this key: older batches are left out.'),
  }),
);

export type FoundRowsView = z.input<typeof foundRows>;

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
  unclearCalls: z
    .array(timeMs)
    .optional()
    .describe('When the calls began after which another session may exist.'),
  cost: cost.optional().describe('What its session cost, as the API says.'),
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
    entries: z
      .array(
        z.object({
          atMs: timeMs,
          who: z.string(),
          what: z.string(),
          reason: z.string().nullable(),
        }),
      )
      .describe('Newest first; the last 1000 are kept.'),
    next: nextPage,
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
    left: z
      .array(z.object({ why: z.string(), rows: z.array(z.object({ from: z.int(), to: z.int() })) }))
      .optional()
      .describe('With `rows`: those that are left alone, and why.'),
  }),
);
export const maxSessionsView = named(
  'MaxSessions',
  z.object({ maxSessions: count.nullable().describe('Null is no limit.') }),
);
export const keepAliveView = named(
  'KeepAlive',
  z.object({ keepAlive: keepAlive.nullable().describe('Null: sessions are not renewed.') }),
);
export const priorityView = named('Priority', z.object({ priority: z.int().min(1).max(100) }));
