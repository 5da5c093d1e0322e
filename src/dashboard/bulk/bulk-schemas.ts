import { z } from 'zod';
import { BULK_STATES, ROW_VERBS } from '../../lib/bulk/bulk-action.ts';
import { MAX_BATCHES } from '../../lib/bulk/draft-bulk.ts';
import { BATCH_STATES } from '../../lib/core/batch/batch.ts';
import { BATCH_VERBS, type BatchVerb } from '../../lib/requests/batch-acts.ts';
import { rowRanges } from '../../lib/requests/schemas.ts';
import { named, namedBody } from '../api/api-route.ts';
import { count, rowStatus, timeMs } from '../api/api-schemas.ts';
import { nextPage } from '../api/paging.ts';

const verb = z.enum(BATCH_VERBS as [BatchVerb, ...BatchVerb[]]);
const reason = z.string().max(500).nullable().default(null);
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const bulkActionView = named(
  'BulkAction',
  z.object({
    id: z.string(),
    verb,
    state: z
      .enum(BULK_STATES)
      .describe('`draft` until it is started; a draft is dropped after an hour.'),
    forecast: z.string().describe('What it does, in sentences with numbers.'),
    chosen: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('batches'), count }),
      z.object({
        kind: z.literal('rows'),
        batch: z.object({ id: z.string() }),
        statuses: z.array(rowStatus).nullable(),
        code: z.string().nullable(),
        text: z.string().nullable(),
        rows: z.array(z.object({ from: count, to: count })).nullable(),
      }),
    ]),
    who: z.string(),
    reason: z.string().nullable(),
    chosenAtMs: timeMs.describe('Rows that end later are left alone.'),
    startedAtMs: timeMs.nullable(),
    endedAtMs: timeMs.nullable(),
    stoppedBy: z.string().nullable(),
    position: count.describe('Batches looked at so far, or the next row to look at.'),
    batches: count.describe('To which the act was done.'),
    rows: count.describe('Queued again.'),
    left: count.describe('Batches or rows that match and were left alone.'),
  }),
);

export const bulkActionList = named(
  'BulkActionList',
  z.object({
    actions: z.array(bulkActionView).describe('Those that were started, newest first.'),
    next: nextPage,
  }),
);

export const bulkActionState = named('BulkActionState', z.object({ state: z.enum(BULK_STATES) }));

const MOST_IDS = 1_000;

export const wantedBulkAction = namedBody(
  'WantedBulkAction',
  z.discriminatedUnion('on', [
    z.strictObject({
      on: z.literal('batches'),
      verb,
      options: z
        .record(z.string(), z.union([scalar, z.array(scalar)]))
        .default({})
        .describe('The body of the same act on one batch, without its reason.'),
      reason,
      ids: z.array(z.string().max(200)).min(1).max(MOST_IDS).nullable().default(null),
      filter: z
        .strictObject({
          state: z.enum(BATCH_STATES).optional(),
          search: z.string().max(200).default(''),
          schedule: z.string().max(100).optional(),
          tag: z.string().max(100).optional(),
        })
        .nullable()
        .default(null)
        .describe(`Instead of \`ids\`: all batches that match, at most ${MAX_BATCHES}.`),
    }),
    z.strictObject({
      on: z.literal('rows'),
      verb: z.enum(ROW_VERBS),
      reason,
      batchId: z.string().max(200),
      statuses: z.array(rowStatus).min(1).nullable().default(null),
      code: z.string().max(200).nullable().default(null),
      text: z.string().max(200).nullable().default(null).describe('Part of a cell.'),
      rows: rowRanges('Use numbers of rows and ranges, such as "7" and "12-15".')
        .nullable()
        .default(null)
        .describe('Only these rows; then the other conditions do not count.'),
    }),
  ]),
);
