import type { Logger } from 'pino';
import type { ActivityLog } from '../../lib/activity/activity-log.ts';
import type { BatchActivity } from '../../lib/activity/batch-activity.ts';
import { type Activity, latencyClass, noActivity } from '../../lib/core/activity.ts';
import { type BatchRef, formatRef, parseRef } from '../../lib/core/batch/batch.ts';
import { type Cost, costOf, MILLIONTHS, NO_COST } from '../../lib/core/budget/cost.ts';
import type { OutcomeStatus } from '../../lib/core/row/row.ts';
import type { CallResult, KlingClient } from '../../lib/kling/kling-client.ts';
import type { Prober } from '../../lib/video/prober.ts';
import { every } from './every.ts';

/** Counts what this process does, in memory; `keepNoting` stores it. */
export class WorkMeter {
  #activity: Activity = noActivity();
  #ofBatches = new Map<string, Activity>();

  ended(status: OutcomeStatus, batch: BatchRef): void {
    this.#activity.outcomes[status] += 1;
    this.#of(batch).outcomes[status] += 1;
  }

  /** A call for a batch; `meterCalls` counts the same call for all. */
  called(batch: BatchRef, result: CallResult): void {
    countCall(this.#of(batch), result);
  }

  #of(batch: BatchRef): Activity {
    const word = formatRef(batch);
    const activity = this.#ofBatches.get(word) ?? noActivity();
    this.#ofBatches.set(word, activity);
    return activity;
  }

  /** The same client, with its calls counted. */
  meterCalls(client: KlingClient): KlingClient {
    return {
      initSelection: async (source, options) => {
        const result = await client.initSelection(source, options);
        if (result.ok) this.#paid(costOf(result.session.details) ?? NO_COST);
        countCall(this.#activity, result);
        return result;
      },
    };
  }

  /** The same prober, with its costs counted. */
  meterProbes(prober: Prober): Prober {
    return {
      probe: async (videoUrl, options) => {
        const result = await prober.probe(videoUrl, options);
        this.#activity.probes += 1;
        this.#activity.probeTotalMs += result.cost.durationMs;
        this.#activity.probeBytes += result.cost.bytesRead;
        return result;
      },
    };
  }

  #paid({ units, balance }: Cost): void {
    this.#activity.units += units * MILLIONTHS;
    this.#activity.balance += balance * MILLIONTHS;
  }

  /** What was counted since the last call. */
  take(): Activity {
    const taken = this.#activity;
    this.#activity = noActivity();
    return taken;
  }

  /** The same for each batch for which anything was done. */
  takeOfBatches(): [BatchRef, Activity][] {
    const taken = [...this.#ofBatches].map(([word, activity]): [BatchRef, Activity] => [
      parseRef(word),
      activity,
    ]);
    this.#ofBatches = new Map();
    return taken;
  }
}

function countCall(activity: Activity, result: CallResult): void {
  const { durationMs } = result;
  const index = latencyClass(durationMs);
  activity.answers[result.ok ? 'opened' : result.failure.kind] += 1;
  if (!result.ok && result.failure.code === 'timeout') activity.timeouts += 1;
  activity.latencies[index] = (activity.latencies[index] ?? 0) + 1;
  activity.latencyTotalMs += durationMs;
}

const NOTE_MS = 5_000;

/** Stores the counts every 5 s and once more when disposed. While Redis is away, it keeps counting. */
export function keepNoting(
  {
    meter,
    activity,
    batchActivity,
    now,
  }: {
    meter: WorkMeter;
    activity: ActivityLog;
    batchActivity: Pick<BatchActivity, 'add'>;
    now: () => number;
  },
  log: Logger,
): AsyncDisposable {
  const onError = (error: unknown): void => log.debug({ err: error }, 'activity not noted');
  const note = async (): Promise<void> => {
    const atMs = now();
    await activity.add(meter.take(), atMs).catch(onError);
    for (const [batch, done] of meter.takeOfBatches()) {
      await batchActivity.add(batch, done, atMs).catch(onError);
    }
  };
  const noting = every(NOTE_MS, note, { onError });
  return {
    [Symbol.asyncDispose]: async () => {
      noting[Symbol.dispose]();
      await noting.idle();
      await note();
    },
  };
}
