import type { Logger } from 'pino';
import { type RemovalContext, removeBatch } from '../../lib/batch/remove-batch.ts';
import { countPending } from '../../lib/core/batch/batch.ts';
import type { BatchOverview } from '../../lib/store/batch-overview.ts';
import { every } from './every.ts';
import { passOver } from './pass-over.ts';

export interface ForgetContext extends RemovalContext {
  overview: BatchOverview;
  /** How long a batch is kept after its end. `RETENTION`, default 90 days. */
  retentionMs: number;
  /** The clock of this machine. */
  now: () => number;
  /** The clock of Redis, which decides the age of batches: all workers share it. */
  redisNow: () => Promise<number>;
  /** Batches that ended later are not in the results database yet and are kept; infinity without a database. */
  copiedUntilMs: () => Promise<number>;
  log: Logger;
}

/** If its clock differs by more, a machine cannot judge the age of a batch. */
const LONGEST_DIFFERENCE_MS = 60_000;
/** Readers of the feed, the results database among them, have this time to get the expiries of a batch. */
const EXPIRY_READ_MS = 3_600_000;

/**
 * Deletes batches that ended long ago and whose sessions expired at least an hour ago. Several workers may do so at
 * once. Returns the ids; none if the clocks of this machine and of Redis differ by more than a minute.
 */
export async function forgetBatches(context: ForgetContext): Promise<string[]> {
  const { overview, retentionMs, now, log } = context;
  const nowMs = await context.redisNow();
  const ownMs = now();
  if (Math.abs(ownMs - nowMs) > LONGEST_DIFFERENCE_MS) {
    log.warn({ redisMs: nowMs, ownMs }, 'old batches kept, as the clocks differ');
    return [];
  }
  const copiedUntilMs = await context.copiedUntilMs();
  const endedBeforeMs = Math.min(nowMs - retentionMs, copiedUntilMs);
  const expiredBeforeMs = Math.min(nowMs, copiedUntilMs) - EXPIRY_READ_MS;
  const forgotten: string[] = [];
  for await (const batch of overview.listBatches()) {
    const { id, finishedAtMs, counts } = batch;
    const isOld = finishedAtMs !== null && finishedAtMs < endedBeforeMs;
    if (!isOld || countPending(counts) > 0) continue;
    await passOver(log, id, async () => {
      if ((await overview.readSessions(id, expiredBeforeMs)).alive > 0) return;
      await removeBatch({ ...context, now: () => nowMs }, batch);
      forgotten.push(id);
    });
  }
  return forgotten;
}

const HOUR_MS = 3_600_000;

/** Deletes old batches now and every hour, until disposed. */
export function keepForgetting(context: ForgetContext): Disposable {
  const { log } = context;
  const forget = async (): Promise<void> => {
    const batches = await forgetBatches(context);
    if (batches.length > 0) log.info({ batches }, 'old batches deleted');
  };
  const onError = (error: unknown): void => log.warn({ err: error }, 'old batches not deleted');
  return every(HOUR_MS, forget, { onError, isAtOnce: true });
}
