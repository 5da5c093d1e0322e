import { z } from 'zod';
import type { BatchRef } from '../core/batch/batch.ts';
import type { Source } from '../core/manifest/source.ts';
import { NOTICE_FORMATS } from '../core/notice/notice-target.ts';
import { scheduleSchema } from '../schedule/schedule-schema.ts';

/**
 * The payload of each queue's jobs. To add a queue, add a line to `JOBS`. Payloads are parsed when a job is taken.
 */

const source: z.ZodType<Source> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('url'), videoUrl: z.string() }),
  z.object({
    kind: z.literal('kling'),
    videoId: z.string(),
    taskId: z.string(),
    createdAtMs: z.number().exactOptional(),
  }),
]);

const batch = {
  batchId: z.string(),
  /** Jobs and batches of version 0.1 have none. */
  incarnation: z.string().default(''),
};

const rowJob = z.object({
  ...batch,
  row: z.int().positive(),
  source,
  /** The row has a session that must be renewed. */
  renews: z.literal(true).exactOptional(),
});
export type RowJob = z.infer<typeof rowJob>;

const dispatchJob = z.object({ ...batch, epoch: z.int() });
export type DispatchJob = z.infer<typeof dispatchJob>;

/** The batch of a job. */
export const batchOf = ({ batchId, incarnation }: RowJob | DispatchJob | ReportJob): BatchRef => ({
  id: batchId,
  incarnation,
});

export const rowJobOf = ({ id, incarnation }: BatchRef, row: number, source: Source): RowJob => ({
  batchId: id,
  incarnation,
  row,
  source,
});

/** The job that renews the session of a row. */
export const renewalJobOf = (batch: BatchRef, row: number, source: Source): RowJob => ({
  ...rowJobOf(batch, row, source),
  renews: true,
});

export const dispatchJobOf = ({ id, incarnation }: BatchRef, epoch: number): DispatchJob => ({
  batchId: id,
  incarnation,
  epoch,
});

/** A worker must write the report of a batch. */
const reportJob = z.object({
  ...batch,
  /** The end of the batch, in ms; null only checks the place. */
  endedAtMs: z.number().nullable(),
});
export type ReportJob = z.infer<typeof reportJob>;

/** A notice to be delivered to one webhook. */
const noticeJob = z.object({
  /** The same for the same event and webhook; also the receiver's `webhook-id`. */
  id: z.string(),
  target: z.object({ url: z.string(), format: z.enum(NOTICE_FORMATS) }),
  /** The body to send, the same at every try. */
  body: z.string(),
});
export type NoticeJob = z.infer<typeof noticeJob>;

const scheduleJob = z.discriminatedUnion('kind', [
  /** A planned time of the schedule has come. */
  z.object({ kind: z.literal('tick'), schedule: z.string() }),
  /** A run of the schedule as it was when the run's turn came: a change must not mix two imports into one. */
  z.object({ kind: z.literal('run'), schedule: scheduleSchema, plannedAtMs: z.number() }),
]);

export const JOBS = {
  dispatch: dispatchJob,
  probe: rowJob,
  'init-selection': rowJob,
  notice: noticeJob,
  report: reportJob,
  schedule: scheduleJob,
} satisfies Record<string, z.ZodType>;

export type QueueName = keyof typeof JOBS;
export type JobOf<Q extends QueueName> = z.infer<(typeof JOBS)[Q]>;
