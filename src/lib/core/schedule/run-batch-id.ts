import { DateTime } from 'luxon';
import type { Schedule } from './schedule.ts';

/**
 * The id of a run's batch, such as `nightly-20261125-020000`: the planned time in the zone. If the clocks show it
 * twice, the second one ends in `-b`.
 */
export function runBatchId(
  { name, zone }: Pick<Schedule, 'name' | 'zone'>,
  plannedAtMs: number,
): string {
  const planned = DateTime.fromMillis(plannedAtMs, { zone });
  const times = planned.getPossibleOffsets().map((time) => time.toMillis());
  const isSecond = Math.min(...times) < plannedAtMs;
  return `${name}-${planned.toFormat('yyyyMMdd-HHmmss')}${isSecond ? '-b' : ''}`;
}
