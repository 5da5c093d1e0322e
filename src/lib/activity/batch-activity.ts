import type { Activity } from '../core/activity.ts';
import type { BatchRef } from '../core/batch/batch.ts';
import { loadBatchScript } from '../store/redis/batch-script.ts';
import { RedisPart } from '../store/redis/redis-part.ts';
import { type ActivityStep, RESOLUTIONS, type ResolutionName, stepsOf } from './activity-log.ts';
import { packActivity, unpackActivity } from './pack-activity.ts';

const countActivity = loadBatchScript('count-activity', {
  keys: ['batchMinutes', 'batchTens', 'batchHours'],
  args: ['nowMs'],
  rest: 'counters',
  fields: ['field', 'by'],
  constants: { resolutions: [RESOLUTIONS.minutes, RESOLUTIONS.tens, RESOLUTIONS.hours] },
});

/**
 * What was done for each batch lately, for its charts; no decision depends on it. One hash for each step length; it
 * expires some time after the last call.
 */
export class BatchActivity extends RedisPart {
  /** Does nothing if the batch was removed. A second call adds it again. */
  async add(batch: BatchRef, activity: Activity, nowMs: number): Promise<void> {
    const counters = packActivity(activity).map(([field, by]) => ({ field, by }));
    if (counters.length > 0) await countActivity.run(this.place, batch, { nowMs, counters });
  }

  /** As `ActivityLog.readRecent`. */
  async readRecent(
    batchId: string,
    resolution: ResolutionName,
    lengthMs: number,
    nowMs: number,
  ): Promise<ActivityStep[]> {
    const { batchMinutes, batchTens, batchHours } = this.keys;
    const keyOf = { minutes: batchMinutes, tens: batchTens, hours: batchHours }[resolution];
    const fields = await this.redis.hgetall(keyOf(batchId));
    const bySteps = new Map<number, Record<string, string>>();
    for (const [field, count] of Object.entries(fields)) {
      const [, step, name] = /^(\d{1,12}):(.+)$/.exec(field) ?? [];
      if (step === undefined || name === undefined) continue;
      const counts = bySteps.get(Number(step)) ?? {};
      counts[name] = count;
      bySteps.set(Number(step), counts);
    }
    return stepsOf(resolution, lengthMs, nowMs).map(({ step, atMs }) => ({
      atMs,
      activity: unpackActivity(bySteps.get(step) ?? {}),
    }));
  }
}
