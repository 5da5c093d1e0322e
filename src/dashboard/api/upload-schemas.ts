import { z } from 'zod';
import { MANIFEST_FORMATS, MANIFEST_ROLES } from '../../lib/core/manifest/manifest.ts';
import { named } from './api-route.ts';
import { count } from './api-schemas.ts';

const column = z.string().max(500).optional().describe('Title of the column that holds it.');

/** Which column holds what; what is not said goes by its name. */
export const readingQuery = z.object({
  video_url: column,
  video_id: column,
  task_id: column,
  video_created_at: column,
});

const finding = z.object({
  line: z.int(),
  column: z.string().nullable(),
  message: z.string().describe('What is wrong, and what to do.'),
});

const understood = z.object({
  kind: z.literal('understood'),
  shape: z.object({
    format: z.enum(MANIFEST_FORMATS),
    delimiter: z.string().nullable(),
    columns: z.array(z.string()),
    roles: z.record(z.enum(MANIFEST_ROLES), z.string().nullable()),
  }),
  sheet: z.string().nullable().describe('Of a workbook.'),
  rows: count,
  counts: z
    .object({ url: count, kling: count, invalid: count, duplicate: count })
    .describe('Rows by what they are; they add up to `rows`.'),
  expired: count.describe('Addresses that have expired.'),
  expiringEarly: count.describe('Likely to expire before their turn.'),
  problems: z.array(finding).describe('Of invalid rows, the first.'),
  duplicates: z.array(finding),
  time: z.string().describe('How long it would take, in words.'),
  obstacle: z.string().nullable().describe('Why nothing would move at present.'),
});

const notUnderstood = z.object({
  kind: z.literal('not_understood'),
  message: z.string(),
  columns: z.array(z.string()).describe('That were found; say which holds what, and ask again.'),
});

export const uploadView = named(
  'Upload',
  z.object({
    id: z.string(),
    fileName: z.string(),
    sizeBytes: count,
    examined: z.discriminatedUnion('kind', [understood, notUnderstood]),
  }),
);

/** The fields of the page's form, and which column holds what. */
export const wantedStart = z.strictObject({
  map: z.partialRecord(z.enum(MANIFEST_ROLES), z.string().max(500)).default({}),
  batchId: z
    .string()
    .regex(/^(?=.*[a-z])[\w-]{1,100}$/i)
    .nullable()
    .default(null)
    .describe("Null: made from the file's name."),
  priority: z.int().min(1).max(100).default(10),
  trialRows: z.int().min(1).nullable().default(null).describe('Rows to try alone first.'),
  tags: z.array(z.string()).default([]),
  reuse: z.boolean().default(false).describe('Use live sessions again.'),
  strictFps: z.boolean().default(false).describe('Reject 23.976, 29.97 and 59.94 fps.'),
});

export const startedBatch = named(
  'StartedBatch',
  z.object({
    batchId: z.string(),
    wasFound: z.boolean().describe('The same manifest was imported before: this is its batch.'),
  }),
);
export const discardedUpload = named('DiscardedUpload', z.object({ discarded: z.string() }));
