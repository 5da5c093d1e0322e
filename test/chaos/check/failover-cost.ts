import type { CallRecord } from '../../../src/sandbox/ledger.ts';
import { calledVideo, type EndedRow, recordedSessions } from './ended-row.ts';
import { CALLS_AT_ONCE, type Failover, type FailoverCost } from './phase-report.ts';

/** The most that a failover may cost: this share of the rows of its batch. */
const ALLOWED_SHARE = 0.01;

/**
 * What each failover cost in sessions: those of calls that were under way or in a worker's hands meanwhile. Calls that a
 * killed or frozen worker lost before are not its cost, although their rows may have been called again during it.
 */
export function costOfFailovers(
  failovers: readonly Failover[],
  rows: readonly EndedRow[],
  calls: readonly CallRecord[],
): FailoverCost[] {
  const videos = new Set(rows.map(({ video }) => video));
  const recorded = recordedSessions(rows);
  const alone = failovers.filter(({ hasStoppedWorker }) => !hasStoppedWorker);
  return alone.flatMap(({ what, firstCall, lastCall }) => {
    const during = calls.filter(
      (call) =>
        // Workers may still hold answers of a moment before, one for each of their places.
        call.call >= firstCall - CALLS_AT_ONCE &&
        call.call <= lastCall &&
        videos.has(calledVideo(call)),
    );
    if (during.length === 0) return [];
    const extra = during.filter(
      ({ sessionId, isDelivered }) => sessionId !== null && isDelivered && !recorded.has(sessionId),
    );
    return { what, extraSessions: extra.length };
  });
}

export function tooExpensive(costs: readonly FailoverCost[], rows: number): string[] {
  return costs
    .filter(({ extraSessions }) => extraSessions > rows * ALLOWED_SHARE)
    .map(({ what, extraSessions }) => `${what}: ${extraSessions} extra sessions for ${rows} rows`);
}

/**
 * A replica takes over without the last writes that its primary confirmed. If a whole call fits into that time, its row
 * is called again and nothing knows of the first session. It counts as an extra session all the same.
 */
export const isDuringFailover =
  (failovers: readonly Failover[]) =>
  ({ call }: CallRecord): boolean =>
    failovers.some(({ firstCall, lastCall }) => call >= firstCall && call <= lastCall);
