import type { Logger } from 'pino';
import type { Batch } from '../../lib/core/batch/batch.ts';
import {
  decideReportRetry,
  isReportWritten,
  type ReportAttempt,
} from '../../lib/core/report/batch-report.ts';
import type { Notices } from '../../lib/notice/notice.ts';
import { batchOf, type ReportJob } from '../../lib/queue/jobs.ts';
import type { JobResult } from '../../lib/queue/queue-worker.ts';
import { showPlace } from '../../lib/report/delivery/report-place.ts';
import type { ReportWriter, Written } from '../../lib/report/delivery/report-writer.ts';
import type { BatchStore } from '../../lib/store/batch-store.ts';
import type { BatchWatch } from '../../lib/store/batch-watch.ts';

export interface ReportContext {
  store: BatchStore;
  watch: BatchWatch;
  writer: Pick<ReportWriter, 'check' | 'write'>;
  notices: Notices;
  now: () => number;
  log: Logger;
  halting: AbortSignal;
}

const DONE: JobResult = { kind: 'done' };
type NotWritten = Extract<Written, { kind: 'not_written' }>;

/**
 * Writes the report of a batch that has ended, or checks its place before that. `attempt` counts from 1. If the
 * worker dies, the next one writes it as a whole; if the batch has changed meanwhile, its next end has a job of its
 * own.
 */
export async function writeReportJob(
  context: ReportContext,
  job: ReportJob,
  attempt: number,
): Promise<JobResult> {
  const { store, watch } = context;
  const ref = batchOf(job);
  const batch = await store.readBatch(ref.id);
  const place = await watch.readReportPlace(ref);
  if (batch?.incarnation !== ref.incarnation || place === null) return DONE;
  if (batch.finishedAtMs !== job.endedAtMs || isReportWritten(batch)) return DONE;
  return job.endedAtMs === null
    ? await look(context, batch, place)
    : await write(context, batch, place, attempt);
}

/** Reported early, while there is time to create a folder. */
async function look(context: ReportContext, batch: Batch, place: string): Promise<JobResult> {
  const trouble = await context.writer.check(place);
  if (trouble === null) await context.watch.noteReport(batch, place, null);
  else {
    await note(context, batch, place, trouble, 'failed');
    await announce(context, batch, place, trouble);
  }
  return DONE;
}

async function write(
  context: ReportContext,
  batch: Batch,
  place: string,
  attempt: number,
): Promise<JobResult> {
  const { writer, watch, now, log, halting: signal } = context;
  const written = await writer.write(batch, place, signal).catch((error: unknown) => {
    if (signal.aborted) return null;
    throw error;
  });
  if (written === null) return { kind: 'back' };
  switch (written.kind) {
    case 'outdated':
      return DONE;
    case 'written': {
      const { finishedAtMs: endedAtMs } = batch;
      const done = { endedAtMs, atMs: now(), result: 'written' as const, reason: null };
      await watch.noteReport(batch, place, done);
      log.info({ batch: batch.id, place: showPlace(place), rows: batch.rows }, 'report written');
      return DONE;
    }
    case 'not_written': {
      const { pauseMs, isWorthNotice } = decideReportRetry(attempt, written.isPassing);
      await note(context, batch, place, written, pauseMs === null ? 'given_up' : 'failed');
      if (isWorthNotice) await announce(context, batch, place, written);
      return pauseMs === null ? DONE : { kind: 'later', delayMs: pauseMs };
    }
  }
}

async function note(
  { watch, now, log }: ReportContext,
  batch: Batch,
  place: string,
  { reason }: NotWritten,
  result: ReportAttempt['result'],
): Promise<void> {
  const { id, finishedAtMs: endedAtMs } = batch;
  await watch.noteReport(batch, place, { endedAtMs, atMs: now(), result, reason });
  const fields = { batch: id, place: showPlace(place), reason };
  if (result === 'given_up') log.error(fields, 'report given up');
  else log.warn(fields, 'report not written');
}

async function announce(
  { store, watch, notices }: ReportContext,
  batch: Batch,
  place: string,
  { reason }: NotWritten,
): Promise<void> {
  const errors = await store.readErrors(batch.id, 0);
  const notify = await watch.readNotify(batch.id);
  const shown = showPlace(place);
  await notices.send({ kind: 'report_failed', batch, errors, notify, place: shown, reason });
}
