import type { Batch } from '../batch/batch.ts';
import type { RetryPolicy } from '../row/decide-next-step.ts';
import { hasSession, type Outcome } from '../row/outcome.ts';

/**
 * A session is renewed 30 to 60 minutes before it expires. Rows that were opened together are spread over this half
 * hour. A row that shares another row's session comes after that row, and may find its new session.
 */
const LEAD_MS = { own: 30 * 60_000, shared: 15 * 60_000 } as const;
const SPREAD_MS = { own: 30 * 60_000, shared: 10 * 60_000 } as const;

/** The golden ratio spreads any run of row numbers evenly. */
const spreadOf = (row: number): number => (row * 0.618_033_988_749_894_9) % 1;

/** When the session of a row is due to be renewed. Infinity for a row without a session, or if no call is left. */
export function renewalDueMs(outcome: Outcome, row: number): number {
  const { session, renewal } = outcome;
  if (!hasSession(outcome) || session === undefined || typeof renewal?.givenUp === 'string') {
    return Number.POSITIVE_INFINITY;
  }
  const kind = isShared(outcome) ? 'shared' : 'own';
  return session.expiresAtMs - LEAD_MS[kind] - SPREAD_MS[kind] * spreadOf(row);
}

/**
 * A session that another row renews, too. An unchanged row that was kept has its own session after
 * its first renewal.
 */
const isShared = ({ status, keptFrom }: Outcome): boolean =>
  status === 'reused' && keptFrom === undefined;

/**
 * Whether sessions of a batch may be renewed. A window limits when rows are processed; renewals happen at any hour. A
 * batch that a person or its own failures have paused opens no session.
 */
export const mayRenew = ({ keepAlive, state, isOutsideWindow }: Batch, nowMs: number): boolean =>
  keepAlive !== null &&
  nowMs < keepAlive.untilMs &&
  (state === 'running' || state === 'completed' || isOutsideWindow);

/** Whether to renew a row's session now: it lives, expires before `untilMs`, and is due. */
export const isDue = (outcome: Outcome, row: number, untilMs: number, nowMs: number): boolean => {
  const expiresAtMs = outcome.session?.expiresAtMs ?? 0;
  return nowMs < expiresAtMs && expiresAtMs < untilMs && renewalDueMs(outcome, row) <= nowMs;
};

/** The old session is still alive, so a renewal can wait longer between its calls than a row without a session. */
const LONGER_PAUSES = 100;

/** How often and after which pauses the renewal of one session is tried again. */
export const renewalPolicy = (policy: RetryPolicy): RetryPolicy => ({
  ...policy,
  backoffMs: Math.min(policy.backoffMs * LONGER_PAUSES, policy.maxBackoffMs),
});
