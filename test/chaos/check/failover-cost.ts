import type { CallRecord } from '../../../src/sandbox/ledger.ts';
import { calledVideo, type EndedRow, recordedSessions } from './ended-row.ts';
import type { Failover, FailoverCost } from './phase-report.ts';

/** The most that a failover may cost: this share of the rows of its batch. */
const ALLOWED_SHARE = 0.01;

/**
 * What each failover cost in sessions. A worker that was killed with an answer in its hands before or after the
 * failover counts here, too, if its row was called during the failover.
 */
export function costOfFailovers(
  failovers: readonly Failover[],
  rows: readonly EndedRow[],
  calls: readonly CallRecord[],
): FailoverCost[] {
  const videos = new Set(rows.map(({ video }) => video));
  const recorded = recordedSessions(rows);
  const extra = calls.filter(
    ({ sessionId, isDelivered }) => sessionId !== null && isDelivered && !recorded.has(sessionId),
  );
  const alone = failovers.filter(({ hasStoppedWorker }) => !hasStoppedWorker);
  return alone.flatMap(({ what, firstCall, lastCall }) => {
    const during = calls
      .filter(({ call }) => call >= firstCall && call <= lastCall)
      .map(calledVideo)
      .filter((video) => videos.has(video));
    if (during.length === 0) return [];
    const called = new Set(during);
    return { what, extraSessions: extra.filter((call) => called.has(calledVideo(call))).length };
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
