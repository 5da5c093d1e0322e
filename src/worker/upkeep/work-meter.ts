import type { Logger } from 'pino';
import type { ActivityLog } from '../../lib/activity/activity-log.ts';
import { type Activity, type Answer, latencyClass, noActivity } from '../../lib/core/activity.ts';
import { type Cost, costOf, MILLIONTHS, NO_COST } from '../../lib/core/budget/cost.ts';
import type { OutcomeStatus } from '../../lib/core/row/row.ts';
import type { KlingClient } from '../../lib/kling/kling-client.ts';
import type { Prober } from '../../lib/video/prober.ts';
import { every } from './every.ts';

/** Counts what this process does, in memory; `keepNoting` stores it. */
export class WorkMeter {
  #activity: Activity = noActivity();

  ended(status: OutcomeStatus): void {
    this.#activity.outcomes[status] += 1;
  }

  /** The same client, with its calls counted. */
  meterCalls(client: KlingClient): KlingClient {
    return {
      initSelection: async (source, options) => {
        const result = await client.initSelection(source, options);
        if (result.ok) this.#paid(costOf(result.session.details) ?? NO_COST);
        this.#called(result.ok ? 'opened' : result.failure.kind, result.durationMs);
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

  #called(answer: Answer, durationMs: number): void {
    const activity = this.#activity;
    const index = latencyClass(durationMs);
    activity.answers[answer] += 1;
    activity.latencies[index] = (activity.latencies[index] ?? 0) + 1;
    activity.latencyTotalMs += durationMs;
  }

  /** What was counted since the last call. */
  take(): Activity {
    const taken = this.#activity;
    this.#activity = noActivity();
    return taken;
  }
}

const NOTE_MS = 5_000;

/** Stores the counts every 5 s and once more when disposed. While Redis is away, it keeps counting. */
export function keepNoting(
  { meter, activity, now }: { meter: WorkMeter; activity: ActivityLog; now: () => number },
  log: Logger,
): AsyncDisposable {
  const onError = (error: unknown): void => log.debug({ err: error }, 'activity not noted');
  const note = (): Promise<void> => activity.add(meter.take(), now()).catch(onError);
  const noting = every(NOTE_MS, note, { onError });
  return {
    [Symbol.asyncDispose]: async () => {
      noting[Symbol.dispose]();
      await noting.idle();
      await note();
    },
  };
}
