import { z } from 'zod';
import type { Activity } from '../core/activity.ts';
import { repliesOf } from '../redis/replies.ts';
import { RedisPart } from '../store/redis/redis-part.ts';
import {
  type ActivityLog,
  type ActivityStep,
  RESOLUTIONS,
  type ResolutionName,
  stepsOf,
} from './activity-log.ts';
import { packActivity, unpackActivity } from './pack-activity.ts';

const hash = z.record(z.string(), z.string());

/** A key that is not a hash counts as 0. */
function withoutType(error: Error): Record<string, string> {
  if (error.message.startsWith('WRONGTYPE')) return {};
  throw error;
}

/** Activity in Redis: a small hash per step, which expires. */
export class RedisActivityLog extends RedisPart implements ActivityLog {
  async add(activity: Activity, nowMs: number): Promise<void> {
    const counters = packActivity(activity);
    if (counters.length === 0) return;
    const pipeline = this.redis.pipeline();
    const count = (key: string): void => {
      for (const [field, by] of counters) pipeline.hincrby(key, field, by);
    };
    count(this.keys.activityTotals);
    for (const { stepMs, keptMs } of Object.values(RESOLUTIONS)) {
      const key = this.keys.activity(stepMs, Math.floor(nowMs / stepMs));
      count(key);
      pipeline.pexpire(key, keptMs + stepMs);
    }
    await repliesOf(pipeline);
  }

  /** Reads some hundred small hashes at once. */
  async readRecent(
    resolution: ResolutionName,
    lengthMs: number,
    nowMs: number,
  ): Promise<ActivityStep[]> {
    const { stepMs } = RESOLUTIONS[resolution];
    const steps = stepsOf(resolution, lengthMs, nowMs);
    const pipeline = this.redis.pipeline();
    for (const { step } of steps) pipeline.hgetall(this.keys.activity(stepMs, step));
    const replies = (await pipeline.exec()) ?? [];
    return steps.map(({ atMs }, index) => {
      const [error, reply] = replies[index] ?? [null, {}];
      const counts = error === null ? hash.parse(reply) : withoutType(error);
      return { atMs, activity: unpackActivity(counts) };
    });
  }

  async readTotals(): Promise<Activity> {
    const counts = await this.redis.hgetall(this.keys.activityTotals).catch(withoutType);
    return unpackActivity(counts);
  }
}
