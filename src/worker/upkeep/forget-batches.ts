import type { Logger } from 'pino';
import { countPending } from '../../lib/core/batch/batch.ts';
import type { BatchOverview } from '../../lib/store/batch-overview.ts';
import type { BatchSteering } from '../../lib/store/batch-steering.ts';

export interface ForgetContext {
  overview: BatchOverview;
  steering: BatchSteering;
  /** How long a batch is kept after its end. `RETENTION`, default 90 days. */
  retentionMs: number;
  now: () => number;
}

/** Deletes batches that ended long ago; several workers may do so at once. Returns the ids. */
export async function forgetBatches(context: ForgetContext): Promise<string[]> {
  const { overview, steering, retentionMs, now } = context;
  const forgotten: string[] = [];
  for await (const batch of overview.listBatches()) {
    const { finishedAtMs, counts } = batch;
    const isOld = finishedAtMs !== null && finishedAtMs < now() - retentionMs;
    if (!isOld || countPending(counts) > 0) continue;
    await steering.remove(batch);
    forgotten.push(batch.id);
  }
  return forgotten;
}

const HOUR_MS = 3_600_000;

/** Forgets now and every hour, until disposed. */
export function keepForgetting(context: ForgetContext, log: Logger): Disposable {
  const forget = (): void => {
    forgetBatches(context).then(
      (batches) => {
        if (batches.length > 0) log.info({ batches }, 'old batches deleted');
      },
      (error: unknown) => log.warn({ err: error }, 'old batches not deleted'),
    );
  };
  const timer = setInterval(forget, HOUR_MS);
  forget();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
