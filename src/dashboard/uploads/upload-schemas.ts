import { z } from 'zod';
import {
  MANIFEST_FORMATS,
  MANIFEST_ROLES,
  type ManifestRole,
} from '../../lib/core/manifest/manifest.ts';
import {
  IMPORT_OPTIONS,
  type ImportRequest,
  READING_OPTIONS,
  type ReadingRequest,
} from '../../lib/requests/import-request.ts';
import { readRequest, shapeOf } from '../../lib/requests/option.ts';
import { named, namedBody } from '../api/api-route.ts';
import { count } from '../api/api-schemas.ts';

const { map: _, ...readingAsText } = READING_OPTIONS;

/** In a query everything is text; choices are described as such. */
const textOf = (schema: z.ZodType): z.ZodType =>
  schema instanceof z.ZodEnum ? schema : z.string();

/** How the manifest is read: the column of each role and the other reading options, as text. */
export const readingQuery = z.object({
  ...Object.fromEntries(
    MANIFEST_ROLES.map((role) => [
      role,
      z.string().max(500).optional().describe('Title of the column that holds it.'),
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(readingAsText).map(([name, { schema, description }]) => [
      name,
      textOf(schema).optional().describe(description),
    ]),
  ),
} as Record<ManifestRole | keyof typeof readingAsText, z.ZodOptional<z.ZodString>>);

/** @throws UnusableRequest */
export const readingOf = (query: Readonly<Record<string, string | undefined>>): ReadingRequest =>
  readRequest(READING_OPTIONS, {
    ...Object.fromEntries(Object.keys(readingAsText).map((name) => [name, query[name] ?? null])),
    map: Object.fromEntries(MANIFEST_ROLES.map((role) => [role, query[role] ?? null])),
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
  container: z.enum(['text', 'workbook', 'parquet']).describe('What the file is.'),
  sheet: z.string().nullable().describe('Of a workbook.'),
  remarks: z.array(z.string()).describe('What to know about the file before it is started.'),
  rows: count,
  counts: z
    .object({ url: count, kling: count, invalid: count, duplicate: count })
    .describe('Rows by kind; they add up to `rows`.'),
  expired: count.describe('Addresses that have expired.'),
  expiringEarly: count.describe('Likely to expire before their turn.'),
  problems: z.array(finding).describe('The first of the invalid rows.'),
  duplicates: z.array(finding),
  time: z.string().describe('How long it would take, in words.'),
  obstacle: z.string().nullable().describe('Why nothing would move now.'),
});

const notUnderstood = z.object({
  kind: z.literal('not_understood'),
  message: z.string(),
  columns: z
    .array(z.string())
    .describe('The columns that were found; say which holds what, then ask again.'),
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

const importFields = shapeOf(IMPORT_OPTIONS);
const former = (name: string): { deprecated: true; description: string } => ({
  deprecated: true,
  description: `The former name of \`${name}\`.`,
});

/** The options of `import`, in camel case; three of them had other names before. */
export const wantedStart = namedBody(
  'WantedImport',
  z.strictObject({
    ...importFields,
    batchId: IMPORT_OPTIONS.batch.schema.nullable().default(null).meta(former('batch')),
    trialRows: IMPORT_OPTIONS.canary.schema.nullable().default(null).meta(former('canary')),
    tags: IMPORT_OPTIONS.tag.schema.prefault([]).meta(former('tag')),
  }),
);

export const importRequestOf = ({
  batchId,
  trialRows,
  tags,
  ...request
}: z.output<typeof wantedStart>): ImportRequest => ({
  ...request,
  batch: request.batch ?? batchId,
  canary: request.canary ?? trialRows,
  tag: [...new Set([...request.tag, ...tags])],
});

export const startedBatch = named(
  'StartedBatch',
  z.object({
    batchId: z.string(),
    wasFound: z.boolean().describe('The same manifest was imported before: this is its batch.'),
  }),
);
export const discardedUpload = named('DiscardedUpload', z.object({ discarded: z.string() }));
