import { z } from 'zod';
import { BATCH_STATES, type BatchRef } from '../core/batch/batch.ts';
import { OUTCOME_STATUSES, PENDING_STATES } from '../core/row/row.ts';
import { BATCH_VERBS, type BatchVerb } from '../requests/batch-acts.ts';
import type { WrittenRequest } from '../requests/option.ts';
import { storedJson } from '../store/redis/packing/stored-json.ts';

/** `draft`: not confirmed yet. */
export const BULK_STATES = ['draft', 'running', 'completed', 'stopped'] as const;
export type BulkState = (typeof BULK_STATES)[number];

/** What can be done to chosen rows. */
export const ROW_VERBS = ['retry', 'refresh'] as const satisfies readonly BatchVerb[];
export type RowVerb = (typeof ROW_VERBS)[number];

const STATUSES = [...PENDING_STATES, ...OUTCOME_STATUSES] as const;

const rowRange = z.object({ from: z.int().min(1), to: z.int().min(1) });

/** Rows of one batch must meet every condition; null for no condition. */
const rowsChosen = z.object({
  kind: z.literal('rows'),
  batch: z.object({ id: z.string(), incarnation: z.string() }),
  statuses: z.array(z.enum(STATUSES)).nullable(),
  code: z.string().nullable(),
  text: z.string().nullable(),
  /** Only these, in order. */
  rows: z.array(rowRange).nullable(),
});
export type ChosenRows = z.infer<typeof rowsChosen> & { batch: BatchRef };

const chosen = z.discriminatedUnion('kind', [
  /** Their ids are stored separately, as they were when they were chosen. */
  z.object({ kind: z.literal('batches'), count: z.int().min(1) }),
  rowsChosen,
]);
export type Chosen = z.infer<typeof chosen>;

/** One act on many batches, or on chosen rows of one, as a person confirms it. Never changed. */
export interface BulkAction {
  id: string;
  verb: BatchVerb;
  /** The values of the act's options, as people write them. */
  request: WrittenRequest;
  chosen: Chosen;
  who: string;
  reason: string | null;
  /** By the clock of Redis. What ended later is left alone, so that no row is called twice. */
  chosenAtMs: number;
  /** What it does, in sentences with numbers, as counted when it was chosen. */
  forecast: string;
}

const written = z.union([z.string(), z.number(), z.boolean(), z.null()]);

export const storedAction = storedJson<BulkAction>(
  'A bulk action',
  z.object({
    id: z.string(),
    verb: z.enum(BATCH_VERBS as [BatchVerb, ...BatchVerb[]]),
    request: z.record(
      z.string(),
      z.union([written, z.array(written), z.record(z.string(), written)]),
    ),
    chosen,
    who: z.string(),
    reason: z.string().nullable(),
    chosenAtMs: z.number(),
    forecast: z.string(),
  }),
);

export interface BulkProgress {
  state: BulkState;
  /** Batches that were looked at; or the row before which all rows were searched, from 1. */
  position: number;
  /** Batches to which the act was done. */
  batches: number;
  /** Rows that were queued again, or ended. */
  rows: number;
  /** Batches or rows that match and that the act leaves alone. */
  left: number;
  startedAtMs: number | null;
  endedAtMs: number | null;
  /** Who stopped it; null if it was not stopped. */
  stoppedBy: string | null;
}

/**
 * What a step is about to do. It is stored first, so that a step that is repeated after its process died counts what
 * the first one did.
 */
export type BegunStep = z.infer<typeof begunStep>;
const begunStep = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('rows'),
    /** Those that are queued again. */
    rows: z.array(rowRange).readonly(),
    /** How many others match. */
    left: z.int().min(0),
    next: z.int().min(1).nullable(),
  }),
  /** The batch's state before the step. */
  z.object({ kind: z.literal('batch'), state: z.enum(BATCH_STATES) }),
]);
export const storedStep = storedJson<BegunStep>('A step of a bulk action', begunStep);

/** What one step has done. */
export interface BulkStep extends Pick<BulkProgress, 'batches' | 'rows' | 'left'> {
  /** Where the next step begins; null when there is none. */
  next: number | null;
  /** Why something was left alone, if that needs saying. */
  sentence?: string;
}
