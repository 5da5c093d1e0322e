import { z } from 'zod';
import {
  type Arrangements,
  BATCH_STATES,
  type Batch,
  type BatchEvent,
  type BatchOptions,
  NO_ARRANGEMENTS,
  nextBatchState,
  type RowCounts,
  type RowSelection,
} from '../../../core/batch/batch.ts';
import { MANIFEST_ROLES, type ManifestShape } from '../../../core/manifest/manifest.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../../../core/row/row.ts';
import type { BatchDraft } from '../../batch-store.ts';

/** The batch hash in Redis: text in, `Batch` out, and back. Counters are the fields `n:<state or status>`. */
const COUNTED = [...PENDING_STATES, ...OUTCOME_STATUSES] as const;

const json = <T>(schema: z.ZodType<T>) =>
  z.string().transform((text): T => schema.parse(JSON.parse(text)));

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

export const parseOptions = (text: string): BatchOptions => optionsSchema.parse(JSON.parse(text));

const arrangementsSchema: z.ZodType<Arrangements> = z.object({
  schedule: z.string().nullable(),
  finishBy: z.object({ atMs: z.number(), zone: z.string() }).nullable(),
  window: z.object({ from: z.string(), to: z.string(), zone: z.string() }).nullable(),
  // Batches of before there were tags have none.
  tags: z.array(z.string()).default([]),
});

const selectionSchema: z.ZodType<RowSelection> = z.object({
  comparedWith: z.string(),
  kinds: z.array(z.enum(['new', 'failed'])),
  sha256: z.string(),
});

const batchHash = z.object({
  id: z.string(),
  name: z.string(),
  manifestSha256: z.string(),
  shape: json(shapeSchema),
  options: json(optionsSchema),
  arrangements: json(arrangementsSchema).optional(),
  mends: z.string().optional(),
  selection: json(selectionSchema).optional(),
  state: z.enum(BATCH_STATES),
  reason: z.string(),
  pausedBy: z.literal('window').optional(),
  riskToldAtMs: z.coerce.number().optional(),
  createdAtMs: z.coerce.number(),
  finishedAtMs: z.coerce.number().optional(),
  rows: z.coerce.number(),
  maxCells: z.coerce.number(),
  orphans: z.coerce.number(),
  priority: z.coerce.number(),
  cancelledAtMs: z.coerce.number().optional(),
});

/** Throws when the hash is not one that `newBatchHash` began. */
export function parseBatchHash(hash: Record<string, string>): Batch {
  const { reason, pausedBy, orphans, finishedAtMs, cancelledAtMs, riskToldAtMs, ...batch } =
    batchHash.parse(hash);
  const counts = Object.fromEntries(COUNTED.map((name) => [name, Number(hash[`n:${name}`] ?? 0)]));
  return {
    ...batch,
    arrangements: batch.arrangements ?? NO_ARRANGEMENTS,
    mends: batch.mends ?? null,
    selection: batch.selection ?? null,
    finishedAtMs: finishedAtMs ?? null,
    cancelledAtMs: cancelledAtMs ?? null,
    stateReason: reason === '' ? null : reason,
    isOutsideWindow: batch.state === 'paused' && pausedBy !== undefined,
    riskToldAtMs: riskToldAtMs ?? null,
    possibleOrphans: orphans,
    counts: counts as RowCounts,
  };
}

/** Fields and values of a batch without rows. */
export function newBatchHash(draft: BatchDraft, nowMs: number): string[] {
  const fields = {
    id: draft.id,
    name: draft.name,
    manifestSha256: draft.manifestSha256,
    shape: JSON.stringify(draft.shape),
    options: JSON.stringify(draft.options),
    arrangements: JSON.stringify(draft.arrangements),
    ...(draft.notify !== null && { notify: JSON.stringify(draft.notify) }),
    ...(draft.mends !== null && { mends: draft.mends }),
    ...(draft.selection !== null && { selection: JSON.stringify(draft.selection) }),
    state: 'importing',
    reason: '',
    createdAtMs: String(nowMs),
    rows: '0',
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
    maxCells: String(draft.shape.columns.length),
    ...Object.fromEntries(COUNTED.map((name) => [`n:${name}`, '0'])),
  };
  return Object.entries(fields).flat();
}

/** The transition table's lines for one event as the scripts take them: JSON {from: to}. */
export function transitionsJson(event: BatchEvent): string {
  const pairs = BATCH_STATES.map((state) => [state, nextBatchState(state, event)] as const);
  return JSON.stringify(Object.fromEntries(pairs.filter(([, to]) => to !== null)));
}
