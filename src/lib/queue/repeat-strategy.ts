import type { RepeatOptions } from 'bullmq';
import { nextTime } from '../core/schedule/planned-times.ts';

/**
 * When a job scheduler fires next, by the rules of this program: BullMQ's own rules shift a time that daylight saving
 * skips.
 */
export function repeatStrategy(
  afterMs: number,
  { pattern, tz }: RepeatOptions,
): number | undefined {
  return pattern === undefined
    ? undefined
    : nextTime({ cron: pattern, zone: tz ?? 'UTC' }, afterMs);
}
