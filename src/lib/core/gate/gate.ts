import type { ApiFailureKind } from '../answer/api-failure.ts';

/**
 * Whether the API may be called now; one value for all workers on all machines. `decide-gate.ts` judges it, Redis
 * swaps it atomically. All times are in ms of the Redis server's clock.
 */
export interface Gate {
  /**
   * - `open`: calls may start.
   * - `closed`: the API asked to wait; opens by itself at `untilMs`.
   * - `blocked`: account or configuration; at `untilMs` one trial call may start.
   */
  mode: 'open' | 'closed' | 'blocked';
  /** When the present mode began. */
  sinceMs: number;
  /** `closed`: when it opens. `blocked`: when the next trial call may start. `open`: null. */
  untilMs: number | null;
  cause: { kind: ApiFailureKind; code: string; message: string } | null;
  /** The last pause, which the next one doubles; 0 after a success. */
  pauseMs: number;
  /** A single call must succeed before the others follow. Always true while blocked. */
  needsTrialCall: boolean;
  /** Until when the current trial call keeps its place; null when none is under way. */
  trialCallUntilMs: number | null;
  /** Counts closings. An answer to a call from before the latest closing does not close the gate again. */
  generation: number;
  /** Closings within the last hour, oldest first, at most 60. */
  recentClosingsMs: number[];
  /** The first throttled answer since the last success. */
  throttledSinceMs: number | null;
  /** Rows whose latest answers were server errors, one after another and from different rows; at most 10. */
  failingRows: string[];
  /**
   * Adaptive concurrency, at least 1, while it is below the configured one; null when it is not reduced. Kept between
   * starts.
   */
  reducedLimit: number | null;
  /** Clean answers since `reducedLimit` last changed. */
  cleanAnswers: number;
  /** Earliest start of the next call when a rate is set. */
  nextCallMs: number;
  /** Total open time before `sinceMs`. */
  openTotalMs: number;
  /** Set by `gate set`; null follows the environment. */
  overrides: {
    concurrency: number | null;
    ratePerSecond: number | null;
    sessionsPerDay: number | null;
  };
}

/** Limits in force: those of the environment, unless `gate set` overrides them. */
export interface GateLimits {
  concurrency: number;
  /** 0 means no limit. */
  ratePerSecond: number;
  /** Sessions that may be opened in a day; 0 means no limit. */
  sessionsPerDay: number;
}

export interface GatePolicy extends GateLimits {
  /** First pause after throttling without `Retry-After`, doubling to 2 min. `THROTTLE_PAUSE`, default 10 s. */
  throttlePauseMs: number;
  /** First pause of a blocked gate, doubling to 15 min. `GATE_PAUSE`, default 1 min. */
  blockedPauseMs: number;
  /** After this much throttling without one success the gate is blocked. `THROTTLE_LIMIT`, default 15 min. */
  throttleLimitMs: number;
}

export const newGate = (nowMs: number): Gate => ({
  mode: 'open',
  sinceMs: nowMs,
  untilMs: null,
  cause: null,
  pauseMs: 0,
  needsTrialCall: false,
  trialCallUntilMs: null,
  generation: 0,
  recentClosingsMs: [],
  throttledSinceMs: null,
  failingRows: [],
  reducedLimit: null,
  cleanAnswers: 0,
  nextCallMs: 0,
  openTotalMs: 0,
  overrides: { concurrency: null, ratePerSecond: null, sessionsPerDay: null },
});

/**
 * Replaces a gate record that Redis holds in damaged form. The last answer of the API and limits that a person set
 * are lost. So one call tries first, at once, and its answer decides whether the gate opens.
 */
export const damagedGate = (nowMs: number): Gate => ({
  ...newGate(nowMs),
  mode: 'closed',
  untilMs: nowMs,
  cause: {
    kind: 'server',
    code: 'gate_damaged',
    message: 'its record in Redis could not be read; limits set with `gate set` are lost',
  },
  needsTrialCall: true,
});

/**
 * The limits for all workers when they were started with different ones: the lowest of each, because the quota may be
 * shared with another caller. Null without workers.
 */
export function strictest(all: readonly GateLimits[]): GateLimits | null {
  if (all.length === 0) return null;
  return {
    concurrency: Math.min(...all.map(({ concurrency }) => concurrency)),
    ratePerSecond: lowest(all.map(({ ratePerSecond }) => ratePerSecond)),
    sessionsPerDay: lowest(all.map(({ sessionsPerDay }) => sessionsPerDay)),
  };
}

/** The limits in common of the workers that run; without one, those that the caller would have itself. */
export const limitsOfWorkers = (
  workers: readonly { limits: GateLimits }[],
  ownLimits: GateLimits,
): GateLimits => strictest(workers.map(({ limits }) => limits)) ?? ownLimits;

/** 0 is no limit. */
function lowest(limits: number[]): number {
  const set = limits.filter((limit) => limit > 0);
  return set.length === 0 ? 0 : Math.min(...set);
}

export const limitsInForce = (gate: Gate, policy: GateLimits): GateLimits => ({
  concurrency: gate.overrides.concurrency ?? policy.concurrency,
  ratePerSecond: gate.overrides.ratePerSecond ?? policy.ratePerSecond,
  sessionsPerDay: gate.overrides.sessionsPerDay ?? policy.sessionsPerDay,
});

/** Calls that may run at once now: the concurrency in force, or less after throttling. */
export function currentConcurrency(gate: Gate, policy: GateLimits): number {
  const { concurrency } = limitsInForce(gate, policy);
  return Math.min(gate.reducedLimit ?? concurrency, concurrency);
}

/**
 * Rows that may be at the gate or in a call, all workers together. One more row waits there for every two calls, so
 * that the next call follows a finished one at once, without fetching and checking a row first.
 */
export const rowsAtGate = (calls: number): number => calls + Math.ceil(calls / 2);

/** Total time for which the gate has been open, which is the clock of `ROW_DEADLINE`. */
export const openTimeMs = (gate: Gate, nowMs: number): number =>
  gate.openTotalMs + (gate.mode === 'open' ? Math.max(0, nowMs - gate.sinceMs) : 0);
