import type { ApiFailure, ApiFailureKind } from '../answer/api-failure.ts';
import { heedLimit, reopenForDay } from './day-limit.ts';
import {
  currentConcurrency,
  type Gate,
  type GatePolicy,
  limitsInForce,
  openTimeMs,
} from './gate.ts';

/** The longest pause; doubling stops there. */
const LAST_PAUSE_MS = 120_000;
/** `Retry-After: 0` with a 429 still means: not immediately. */
const SHORTEST_RETRY_AFTER_MS = 1_000;
const LAST_BLOCKED_PAUSE_MS = 15 * 60_000;
/** A trial call whose worker died frees its place after this time; a living worker renews it. */
export const TRIAL_CALL_LEASE_MS = 15_000;
const SERVER_ERRORS_TO_CLOSE = 10;
const CLEAN_ANSWERS_TO_GROW = 25;
const SHRINK_FACTOR = 0.7;
/**
 * How much longer one call may travel to the API than the next one without putting too many calls into one second.
 */
const JITTER_MS = 100;
/** Calls in any sliding second may be at most the set rate plus a tenth. */
const RATE_TOLERANCE = 1.1;
/** How late a call may start without delaying those behind it. */
const PACING_SLACK_MS = 10;
const HOUR_MS = 3_600_000;

export type Entry =
  | { kind: 'pass'; gate: Gate; isTrialCall: boolean; generation: number }
  | { kind: 'wait'; untilMs: number };

/** Decides whether a call may start now. A pass that changes the gate must be stored before the call is made. */
export function enterGate(present: Gate, policy: GatePolicy, nowMs: number): Entry {
  const gate = heedLimit(present, policy);
  const untilMs = shutUntilMs(gate);
  if (nowMs < untilMs) return { kind: 'wait', untilMs };
  const ready = gate.mode === 'open' || gate.needsTrialCall ? gate : open(gate, nowMs);
  const { ratePerSecond } = limitsInForce(gate, policy);
  if (ratePerSecond === 0) return pass(ready, nowMs);
  if (nowMs < ready.nextCallMs) return { kind: 'wait', untilMs: ready.nextCallMs };
  const nextCallMs = Math.max(ready.nextCallMs, nowMs - PACING_SLACK_MS) + spacingMs(ratePerSecond);
  return pass({ ...ready, nextCallMs }, nowMs);
}

/** The distance between calls at which no second holds more than are allowed, including the jitter on their way. */
function spacingMs(ratePerSecond: number): number {
  const allowed = Math.max(1, Math.floor(ratePerSecond * RATE_TOLERANCE));
  return Math.max((1_000 + JITTER_MS) / allowed, 1_000 / ratePerSecond);
}

/** When the gate opens. For a gate that lets one trial call try: when the place of that call is free. */
function shutUntilMs(gate: Gate): number {
  if (gate.mode === 'open') return 0;
  return Math.max(gate.untilMs ?? 0, gate.needsTrialCall ? (gate.trialCallUntilMs ?? 0) : 0);
}

/** A gate that is not open lets only a trial call through, at the same pace as any other call. */
function pass(gate: Gate, nowMs: number): Entry {
  const { generation } = gate;
  if (gate.mode === 'open') return { kind: 'pass', gate, isTrialCall: false, generation };
  const trialCallUntilMs = nowMs + TRIAL_CALL_LEASE_MS;
  return { kind: 'pass', gate: { ...gate, trialCallUntilMs }, isTrialCall: true, generation };
}

/** How a call ended, as far as it concerns the gate. */
export interface GateReport {
  rowId: string;
  isTrialCall: boolean;
  /** The generation of the pass for this call. */
  generation: number;
  /** Null if the answer shows that the API works: a success, or a refusal of this row. */
  failure: ApiFailure | null;
}

/** The input of a judgement besides the gate itself. `random` is in [0, 1). */
export interface GateInputs {
  policy: GatePolicy;
  nowMs: number;
  random: number;
}

/** Applies an answer to the gate. Returns the same object when nothing changes. */
export function reportToGate(gate: Gate, report: GateReport, at: GateInputs): Gate {
  const { failure } = report;
  if (failure === null) return afterGoodAnswer(gate, report, at);
  const isTrialCall = isPresentTrialCall(gate, report);
  switch (failure.kind) {
    case 'refused':
      return afterGoodAnswer(gate, report, at);
    case 'throttled':
      return afterThrottling(gate, report, failure, at);
    case 'account':
    case 'misconfigured':
      return isTrialCall || !isKnownTrouble(gate, report) ? block(gate, failure, at) : gate;
    case 'server':
      return isTrialCall
        ? afterFailedTrialCall(gate, failure, at)
        : afterServerError(gate, report, failure, at);
    case 'unconfirmed':
      return isTrialCall ? afterFailedTrialCall(gate, failure, at) : gate;
  }
}

/** A trial call that lost its place, and whose successor has decided, affects only its own row. */
const isPresentTrialCall = (gate: Gate, report: GateReport): boolean =>
  report.isTrialCall && report.generation === gate.generation && gate.mode !== 'open';

/** The gate is already blocked by the same problem, or has opened again since the call began. */
const isKnownTrouble = (gate: Gate, report: GateReport): boolean =>
  gate.mode === 'blocked' || (gate.mode === 'open' && report.generation < gate.generation);

function afterGoodAnswer(gate: Gate, report: GateReport, at: GateInputs): Gate {
  const isStale = report.generation < gate.generation && !report.isTrialCall;
  if (gate.mode === 'blocked' && !report.isTrialCall) return gate;
  const proven = report.isTrialCall ? open(gate, at.nowMs) : gate;
  const grown = isStale ? proven : grow(proven, at.policy);
  const pauseMs = isStale ? grown.pauseMs : 0;
  const isSettled =
    grown.throttledSinceMs === null && grown.failingRows.length === 0 && grown.pauseMs === pauseMs;
  return isSettled ? grown : { ...grown, throttledSinceMs: null, failingRows: [], pauseMs };
}

/** Allows one more call at once after every 25 clean answers, until the limit is no longer reduced. */
function grow(gate: Gate, policy: GatePolicy): Gate {
  if (gate.reducedLimit === null) return gate;
  if (gate.cleanAnswers + 1 < CLEAN_ANSWERS_TO_GROW) {
    return { ...gate, cleanAnswers: gate.cleanAnswers + 1 };
  }
  const limit = gate.reducedLimit + 1;
  const isFull = limit >= limitsInForce(gate, policy).concurrency;
  return { ...gate, cleanAnswers: 0, reducedLimit: isFull ? null : limit };
}

function afterThrottling(
  gate: Gate,
  report: GateReport,
  failure: ApiFailure,
  at: GateInputs,
): Gate {
  const { policy, nowMs } = at;
  const isFromBefore = report.generation < gate.generation;
  if (isFromBefore) return prolong(gate, failure, at.nowMs);
  if (gate.mode === 'blocked') return block(gate, failure, at);
  const isTooLong =
    gate.throttledSinceMs !== null && nowMs - gate.throttledSinceMs >= policy.throttleLimitMs;
  if (isTooLong) return block(gate, failure, at);
  const closed = close(gate, failure, at);
  return {
    ...closed,
    // The gate closes a second time without a success in between: next time, one call goes alone.
    needsTrialCall: gate.throttledSinceMs !== null,
    throttledSinceMs: gate.throttledSinceMs ?? nowMs,
    reducedLimit: Math.max(1, Math.floor(currentConcurrency(gate, policy) * SHRINK_FACTOR)),
    cleanAnswers: 0,
  };
}

/** An answer to a call from before the closing: the longest requested wait counts, and nothing else changes. */
function prolong(gate: Gate, failure: ApiFailure, nowMs: number): Gate {
  if (gate.mode !== 'closed' || failure.retryAfterMs === null) return gate;
  const untilMs = nowMs + failure.retryAfterMs;
  return untilMs > (gate.untilMs ?? 0) ? { ...gate, untilMs } : gate;
}

function afterServerError(
  gate: Gate,
  report: GateReport,
  failure: ApiFailure,
  at: GateInputs,
): Gate {
  if (gate.mode !== 'open' || report.generation < gate.generation) return gate;
  if (gate.failingRows.includes(report.rowId)) return gate;
  const failingRows = [...gate.failingRows, report.rowId];
  if (failingRows.length < SERVER_ERRORS_TO_CLOSE) return { ...gate, failingRows };
  return { ...close(gate, failure, at), needsTrialCall: true, failingRows: [] };
}

function afterFailedTrialCall(gate: Gate, failure: ApiFailure, at: GateInputs): Gate {
  return gate.mode === 'blocked'
    ? block(gate, failure, at)
    : { ...close(gate, failure, at), needsTrialCall: true };
}

function close(gate: Gate, failure: ApiFailure, at: GateInputs): Gate {
  const { policy, nowMs, random } = at;
  const doubled =
    gate.pauseMs === 0 ? policy.throttlePauseMs : Math.min(gate.pauseMs * 2, LAST_PAUSE_MS);
  const waitMs =
    failure.retryAfterMs === null
      ? doubled * (1 + 0.2 * random)
      : Math.max(failure.retryAfterMs, SHORTEST_RETRY_AFTER_MS) + 250 * random;
  return {
    ...leave(gate, nowMs, failure),
    mode: 'closed',
    untilMs: Math.max(nowMs + waitMs, gate.mode === 'closed' ? (gate.untilMs ?? 0) : 0),
    pauseMs: failure.retryAfterMs === null ? doubled : gate.pauseMs,
    generation: gate.generation + 1,
    recentClosingsMs: [...recentClosings(gate, nowMs), nowMs].slice(-60),
  };
}

function block(gate: Gate, failure: ApiFailure, at: GateInputs): Gate {
  const { policy, nowMs } = at;
  const pauseMs =
    gate.mode === 'blocked'
      ? Math.min(gate.pauseMs * 2, LAST_BLOCKED_PAUSE_MS)
      : policy.blockedPauseMs;
  const isSameTrouble = gate.mode === 'blocked' && !isAnswerAboutAccount(failure.kind);
  return {
    ...leave(gate, nowMs, isSameTrouble && gate.cause !== null ? gate.cause : failure),
    mode: 'blocked',
    sinceMs: gate.mode === 'blocked' ? gate.sinceMs : nowMs,
    untilMs: Math.max(nowMs + pauseMs, askedUntilMs(gate, failure, nowMs)),
    pauseMs,
    needsTrialCall: true,
    generation: gate.generation + 1,
  };
}

/** Blocking never shortens a wait that the API asked for: no trial call starts before it is over. */
function askedUntilMs(gate: Gate, failure: ApiFailure, nowMs: number): number {
  const askedMs = failure.kind === 'throttled' ? (failure.retryAfterMs ?? 0) : 0;
  return Math.max(nowMs + askedMs, gate.mode === 'closed' ? (gate.untilMs ?? 0) : 0);
}

const isAnswerAboutAccount = (kind: ApiFailureKind): boolean =>
  kind === 'account' || kind === 'misconfigured' || kind === 'throttled';

/** The changes common to every way of leaving `open`. */
function leave(gate: Gate, nowMs: number, cause: NonNullable<Gate['cause']>): Gate {
  return {
    ...gate,
    openTotalMs: openTimeMs(gate, nowMs),
    sinceMs: gate.mode === 'open' ? nowMs : gate.sinceMs,
    cause: { kind: cause.kind, code: cause.code, message: cause.message },
    trialCallUntilMs: null,
  };
}

function open(gate: Gate, nowMs: number): Gate {
  if (gate.mode === 'open') return { ...gate, trialCallUntilMs: null };
  return {
    ...gate,
    mode: 'open',
    sinceMs: nowMs,
    untilMs: null,
    cause: null,
    needsTrialCall: false,
    trialCallUntilMs: null,
    failingRows: [],
  };
}

/**
 * `gate open`: a closed or blocked gate lets one trial call start at once, unless one is under way. No change if it
 * is open.
 */
export function tryNow(gate: Gate, nowMs: number): Gate {
  if (gate.mode === 'open') return gate;
  return { ...gate, untilMs: nowMs, needsTrialCall: true };
}

/**
 * `gate set`: a limit that is not named is kept, null follows the environment again. A new concurrency applies at
 * once, without growing towards it; so does a new rate, without waiting for the old pace. With another number of
 * sessions per day, calls that wait for the next day try at once.
 */
export function setLimits(present: Gate, limits: Partial<Gate['overrides']>): Gate {
  const gate = limits.sessionsPerDay === undefined ? present : reopenForDay(present);
  const overrides = { ...gate.overrides, ...limits };
  const isNewConcurrency = overrides.concurrency !== gate.overrides.concurrency;
  const isNewRate = overrides.ratePerSecond !== gate.overrides.ratePerSecond;
  return {
    ...gate,
    overrides,
    nextCallMs: isNewRate ? 0 : gate.nextCallMs,
    reducedLimit: isNewConcurrency ? null : gate.reducedLimit,
    cleanAnswers: isNewConcurrency ? 0 : gate.cleanAnswers,
  };
}

/** Renews the place of a trial call under way, so that a long call keeps it and a dead worker loses it. */
export const renewTrialCall = (gate: Gate, generation: number, nowMs: number): Gate =>
  gate.generation === generation && gate.trialCallUntilMs !== null
    ? { ...gate, trialCallUntilMs: nowMs + TRIAL_CALL_LEASE_MS }
    : gate;

export const recentClosings = (gate: Gate, nowMs: number): number[] =>
  gate.recentClosingsMs.filter((atMs) => atMs > nowMs - HOUR_MS);
