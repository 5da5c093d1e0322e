import { z } from 'zod';
import {
  type Arrangements,
  BATCH_STATES,
  type Batch,
  type BatchOptions,
  type Lineage,
  NO_ARRANGEMENTS,
  type RowSelection,
} from '../../../core/batch/batch.ts';
import { isTimeZone } from '../../../core/batch/daily-window.ts';
import { MILLIONTHS } from '../../../core/budget/cost.ts';
import { MANIFEST_ROLES, type ManifestShape } from '../../../core/manifest/manifest.ts';
import { NOTICE_FORMATS, type NoticeTarget } from '../../../core/notice/notice-target.ts';
import type { KeepAlive } from '../../../core/renewal/keep-alive.ts';
import type { ReportAttempt } from '../../../core/report/batch-report.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../../core/row/row.ts';
import type { BatchDraft } from '../../batch-store.ts';
import { UnreadableRecord } from '../../unreadable-record.ts';
import { describeIssues, jsonText, storedJson } from './stored-json.ts';

/** The batch hash in Redis: text in, `Batch` out, and back. Counters are the fields `n:<state or status>`. */
const COUNTED = [...PENDING_STATES, ...OUTCOME_STATUSES] as const;

/** A moment that a `Date` can hold. */
const timeMs = z.number().int().min(0).max(8.64e15);
const zone = z.string().refine(isTimeZone, 'is not a time zone');
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'is not a time of day');

/** A whole number as text. */
const integer = z
  .string()
  .regex(/^-?\d{1,16}$/, 'is not a whole number')
  .transform(Number);
const moment = integer.pipe(timeMs);

const shapeSchema: z.ZodType<ManifestShape> = z.object({
  format: z.enum(['csv', 'jsonl', 'list']),
  delimiter: z.string().nullable(),
  columns: z.array(z.string()),
  encoding: z.string().optional(),
  hasMark: z.literal(true).optional(),
  roles: z.record(z.enum(MANIFEST_ROLES), z.string().nullable()),
});

export const optionsSchema: z.ZodType<BatchOptions> = z.object({
  strictFps: z.boolean(),
  maxFailures: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('share'), percent: z.number() }),
    z.object({ kind: z.literal('count'), rows: z.number() }),
    z.object({ kind: z.literal('off') }),
  ]),
  reuse: z.boolean(),
  trialRows: z.number().nullable(),
});

const arrangementsSchema: z.ZodType<Arrangements> = z.object({
  schedule: z.string().nullable(),
  finishBy: z.object({ atMs: timeMs, zone }).nullable(),
  window: z
    .object({ from: timeOfDay, to: timeOfDay, zone })
    .refine(({ from, to }) => from !== to, 'begins when it ends')
    .nullable(),
  // Batches from before tags existed have none.
  tags: z.array(z.string()).default([]),
});

const selectionSchema: z.ZodType<RowSelection> = z.object({
  comparedWith: z.string(),
  kinds: z.array(z.enum(['new', 'failed'])),
  sha256: z.string(),
});

const lineageSchema: z.ZodType<Lineage> = z.object({ after: z.string(), isFresh: z.boolean() });

const keySchema = z.array(z.string());
const keepAliveSchema: z.ZodType<KeepAlive> = z.object({ untilMs: timeMs, zone });

const reportAttemptSchema: z.ZodType<ReportAttempt> = z.object({
  endedAtMs: timeMs.nullable(),
  atMs: timeMs,
  result: z.enum(['written', 'failed', 'given_up']),
  reason: z.string().nullable(),
});

const notifySchema: z.ZodType<NoticeTarget> = z.object({
  url: z.string(),
  format: z.enum(NOTICE_FORMATS),
});

/** Fields that are stored as JSON. */
const STORED = {
  shape: storedJson('How the manifest was understood', shapeSchema),
  options: storedJson('The options', optionsSchema),
  arrangements: storedJson('When the batch is worked on', arrangementsSchema),
  selection: storedJson('Which rows were picked', selectionSchema),
  lineage: storedJson('Which batch it continues', lineageSchema),
  key: storedJson('Its key columns', keySchema),
  keepAlive: storedJson('How long sessions are kept alive', keepAliveSchema),
};
export const storedOptions = STORED.options;
export const storedShape = STORED.shape;
export const storedKey = STORED.key;
export const storedKeepAlive = STORED.keepAlive;
export const storedReportAttempt = storedJson('How its report was written', reportAttemptSchema);
export const storedNotify = storedJson("The batch's own webhook", notifySchema);

const batchHash = z.object({
  id: z.string(),
  incarnation: z.string().default(''),
  name: z.string(),
  manifestSha256: z.string(),
  shape: jsonText(shapeSchema),
  options: jsonText(optionsSchema),
  arrangements: jsonText(arrangementsSchema).default(NO_ARRANGEMENTS),
  mends: z.string().nullable().default(null),
  selection: jsonText(selectionSchema).nullable().default(null),
  lineage: jsonText(lineageSchema).nullable().default(null),
  origin: z.string().nullable().default(null),
  key: jsonText(keySchema).nullable().default(null),
  state: z.enum(BATCH_STATES),
  reason: z.string(),
  pausedBy: z.enum(['window', 'budget']).optional(),
  riskToldAtMs: moment.nullable().default(null),
  createdAtMs: moment,
  finishedAtMs: moment.nullable().default(null),
  rows: integer,
  // Missing if an older version made the batch; then only the state `importing` shows that rows are missing.
  readToEnd: z.enum(['0', '1']).optional(),
  maxCells: integer,
  orphans: integer,
  priority: integer.pipe(z.number().min(1).max(100)),
  maxSessions: integer.pipe(z.number().min(1)).nullable().default(null),
  // Batches from before budgets existed begin to count when they continue.
  usedSessions: integer.default(0),
  keepAlive: jsonText(keepAliveSchema).nullable().default(null),
  renewing: integer.default(0),
  // The whole place is `reportTo`, which only the worker that writes the report reads: it may hold a signature.
  reportPlace: z.string().nullable().default(null),
  reportLast: jsonText(reportAttemptSchema).nullable().default(null),
  // In millionths; missing until an answer names a cost.
  units: integer.default(0),
  balance: integer.default(0),
  cancelledAtMs: moment.nullable().default(null),
  counts: z.record(z.enum(COUNTED), integer),
  // Only dispatch reads these.
  cursor: integer,
  epoch: integer,
  reopenings: integer,
});

/** @throws UnreadableRecord if the hash is not one that `newBatchHash` made. */
export function parseBatchHash(batchId: string, hash: Record<string, string>): Batch {
  const counts = Object.fromEntries(COUNTED.map((name) => [name, hash[`n:${name}`] ?? '0']));
  const read = batchHash.safeParse({ ...hash, counts });
  if (!read.success) throw unreadableBatch(batchId, describeIssues(read.error));
  const { reason, pausedBy, orphans, renewing, readToEnd, units, balance, ...others } = read.data;
  const {
    cursor: _,
    epoch: __,
    reopenings: ___,
    reportPlace: place,
    reportLast: last,
    ...batch
  } = others;
  return {
    ...batch,
    stateReason: reason === '' ? null : reason,
    isOutsideWindow: batch.state === 'paused' && pausedBy === 'window',
    isAtLimit: batch.state === 'paused' && pausedBy === 'budget',
    isReadToEnd: readToEnd === undefined ? batch.state !== 'importing' : readToEnd === '1',
    possibleOrphans: orphans,
    renewalCalls: renewing,
    report: place === null ? null : { place, last },
    cost: { units: units / MILLIONTHS, balance: balance / MILLIONTHS },
  };
}

/** The error about a batch whose record is damaged. */
export const unreadableBatch = (batchId: string, reason: string): UnreadableRecord =>
  new UnreadableRecord(
    `Batch ${batchId}`,
    reason,
    `\`kling-sessions batches rm ${batchId}\` removes it.`,
  );

/** Fields and values of a batch without rows. @throws Error for values that `parseBatchHash` would refuse. */
export function newBatchHash(draft: BatchDraft, nowMs: number): string[] {
  const fields = {
    id: draft.id,
    incarnation: draft.incarnation,
    name: draft.name,
    manifestSha256: draft.manifestSha256,
    shape: STORED.shape.write(draft.shape),
    options: STORED.options.write(draft.options),
    arrangements: STORED.arrangements.write(draft.arrangements),
    ...(draft.notify !== null && { notify: storedNotify.write(draft.notify) }),
    ...(draft.mends !== null && { mends: draft.mends }),
    ...(draft.selection !== null && { selection: STORED.selection.write(draft.selection) }),
    ...(draft.lineage && { lineage: STORED.lineage.write(draft.lineage) }),
    ...(draft.origin && { origin: draft.origin }),
    ...(draft.key && { key: storedKey.write([...draft.key]) }),
    state: 'importing',
    reason: '',
    createdAtMs: String(nowMs),
    rows: '0',
    readToEnd: '0',
    chunks: '0',
    cursor: '1',
    epoch: '0',
    reopenings: '0',
    moves: '0',
    recent: '',
    failedRows: '0',
    orphans: '0',
    implicitCancelled: '0',
    isMarked: '1',
    identity: draft.identity,
    priority: String(draft.priority),
    ...(draft.maxSessions != null && { maxSessions: String(draft.maxSessions) }),
    ...(draft.keepAlive && { keepAlive: STORED.keepAlive.write(draft.keepAlive) }),
    usedSessions: '0',
    maxCells: String(draft.shape.columns.length),
    ...Object.fromEntries(COUNTED.map((name) => [`n:${name}`, '0'])),
  };
  return Object.entries(fields).flat();
}
