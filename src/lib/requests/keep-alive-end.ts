import type { SteeringContext } from '../batch/steer-batch.ts';
import type { Batch } from '../core/batch/batch.ts';
import {
  findKeepAliveProblem,
  isEndOfKeepAlive,
  type KeepAlive,
  keepAliveUntil,
} from '../core/renewal/keep-alive.ts';
import { parseDuration } from '../settings/duration.ts';
import type { WithDay } from './preview.ts';
import { text } from './schemas.ts';
import { UnusableRequest } from './unusable-request.ts';

export interface ActContext extends SteeringContext, WithDay {
  /** The default time zone for times of day. @throws UnusableRequest when it has no name. */
  machineZone: () => string;
}

const RULE =
  'Use a duration such as 3d, a time of day such as 18:00, a date with or without a time, or off.';

/** How long sessions are kept alive, as people write it. */
export const keepAliveEnd = text(RULE, 40).refine(
  (given) => given === 'off' || parseDuration(given) !== null || isEndOfKeepAlive(given),
  RULE,
);

/**
 * The moment that it means for a batch; null for `off`. Times are in the zone that the request names, or that of the
 * batch's own times, or this machine's.
 * @throws UnusableRequest for a moment that has passed or is too far away.
 */
export function endOf(
  { keepAlive: given, tz }: { keepAlive: string; tz: string | null },
  { arrangements, keepAlive }: Batch,
  { now, machineZone }: ActContext,
): KeepAlive | null {
  if (given === 'off') return null;
  const { window, finishBy } = arrangements;
  const known = tz ?? window?.zone ?? finishBy?.zone ?? keepAlive?.zone ?? null;
  const durationMs = parseDuration(given);
  const end =
    durationMs === null
      ? keepAliveUntil(given, () => known ?? machineZone(), now())
      : { untilMs: now() + durationMs, zone: known ?? 'UTC' };
  const advice = findKeepAliveProblem(end, now());
  if (advice === null) return end;
  throw new UnusableRequest([{ kind: 'unusable', option: 'keepAlive', value: given, advice }]);
}
