/** Counts over time are kept per bucket, so that they stay small whatever the number of rows. */

/** Ended rows are counted per 10 s; a minute is six of them. */
const PACE_BUCKET_MS = 10_000;
const PACE_BUCKETS = 6;
/** Sessions are counted per 5 minutes of their expiry: at most 289 live buckets. */
const SESSION_BUCKET_MS = 300_000;

export const paceBucket = (atMs: number): number => Math.floor(atMs / PACE_BUCKET_MS);

/** Earlier buckets do not count for the last minute. */
export const oldestPaceBucket = (nowMs: number): number => paceBucket(nowMs) - PACE_BUCKETS;

/** Rows per second over the last minute, from counts per pace bucket. */
export function rowsPerSecond(counts: ReadonlyMap<number, number>, nowMs: number): number {
  const present = paceBucket(nowMs);
  const known = [...counts].filter(
    ([bucket]) => bucket > present - PACE_BUCKETS && bucket <= present,
  );
  const rows = known.reduce((sum, [, count]) => sum + count, 0);
  const first = Math.min(...known.map(([bucket]) => bucket));
  const elapsedMs = nowMs - first * PACE_BUCKET_MS;
  return rows === 0 ? 0 : (rows * 1_000) / Math.max(elapsedMs, 1_000);
}

export const sessionBucket = (expiresAtMs: number): number =>
  Math.floor(expiresAtMs / SESSION_BUCKET_MS);

/** When the first of these sessions expires, at most 5 minutes early; null without any. */
export function firstExpiry(counts: ReadonlyMap<number, number>): number | null {
  let first: number | null = null;
  for (const [bucket, count] of counts) {
    if (count > 0 && (first === null || bucket < first)) first = bucket;
  }
  return first === null ? null : first * SESSION_BUCKET_MS;
}

export interface SessionCounts {
  alive: number;
  /** Live sessions that expire within 4 h. */
  expiringSoon: number;
  expired: number;
}

const SOON_MS = 4 * 3_600_000;

/** Sessions by their remaining life; exact to 5 minutes. */
export function countSessions(counts: ReadonlyMap<number, number>, nowMs: number): SessionCounts {
  const result: SessionCounts = { alive: 0, expiringSoon: 0, expired: 0 };
  for (const [bucket, count] of counts) {
    if (bucket < sessionBucket(nowMs)) result.expired += count;
    else result.alive += count;
    if (bucket >= sessionBucket(nowMs) && bucket <= sessionBucket(nowMs + SOON_MS)) {
      result.expiringSoon += count;
    }
  }
  return result;
}

/** How many sessions expire within this time, at most 5 minutes less; those that expire in these 5 minutes count. */
export function countExpiring(
  counts: ReadonlyMap<number, number>,
  nowMs: number,
  withinMs: number,
): number {
  const [first, end] = [sessionBucket(nowMs), sessionBucket(nowMs + withinMs)];
  let sessions = 0;
  for (const [bucket, count] of counts) if (bucket >= first && bucket < end) sessions += count;
  return sessions;
}
