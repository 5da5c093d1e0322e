import { type Gate, type GateLimits, limitsInForce, openTimeMs } from './gate.ts';

/** The code of the gate's cause while the sessions of the day are used up. */
const DAY_LIMIT = 'sessions_per_day';

type Closing = Pick<Gate, 'mode' | 'untilMs'> & {
  cause: { code: string; message: string } | null;
};

/** The gate is closed because the sessions of the day are used up. */
export const isClosedForDay = (gate: Closing): boolean =>
  gate.mode === 'closed' && gate.cause?.code === DAY_LIMIT;

/** The sessions of the day are used up by the limit in force, and not by one that it has replaced. */
export const isUsedUpToday = (gate: Gate, policy: GateLimits, nowMs: number): boolean =>
  isClosedForDay(gate) && nowMs < (gate.untilMs ?? 0) && !isForAnotherLimit(gate, policy);

/**
 * The sessions of this day, 0 for no limit. Where no worker runs, `inForce` may lack the limit for which the gate is
 * still closed.
 */
export const sessionsOfDay = (
  gate: Closing,
  inForce: Pick<GateLimits, 'sessionsPerDay'>,
  nowMs: number,
): number =>
  inForce.sessionsPerDay === 0 && isClosedForDay(gate) && nowMs < (gate.untilMs ?? 0)
    ? Number(gate.cause?.message)
    : inForce.sessionsPerDay;

/** The gate closed for a limit that is no longer in force: the workers were started again with another one. */
const isForAnotherLimit = (gate: Gate, policy: GateLimits): boolean =>
  isClosedForDay(gate) &&
  Number(gate.cause?.message) !== limitsInForce(gate, policy).sessionsPerDay;

/** Lets a call try again if the gate closed for a limit that is no longer in force. */
export const heedLimit = (gate: Gate, policy: GateLimits): Gate =>
  isForAnotherLimit(gate, policy) ? reopenForDay(gate) : gate;

/**
 * Lets no call start before the day ends. The API's own demands stay: a blocked gate remains blocked, and a wait that
 * the API asked for is not shortened. Returns the same gate when nothing changes.
 */
export function closeForDay(
  gate: Gate,
  { perDay, untilMs, nowMs }: { perDay: number; untilMs: number; nowMs: number },
): Gate {
  if (isClosedForDay(gate) && gate.untilMs === untilMs) return gate;
  const latestMs = Math.max(untilMs, gate.mode === 'open' ? 0 : (gate.untilMs ?? 0));
  if (gate.mode === 'blocked') return { ...gate, untilMs: latestMs, trialCallUntilMs: null };
  return {
    ...gate,
    openTotalMs: openTimeMs(gate, nowMs),
    mode: 'closed',
    sinceMs: nowMs,
    untilMs: latestMs,
    cause: { kind: 'account', code: DAY_LIMIT, message: String(perDay) },
    trialCallUntilMs: null,
    // A night without calls says nothing about throttling.
    throttledSinceMs: null,
    generation: gate.generation + 1,
  };
}

/** Lets calls try again at once: the limit has changed, or a call gave its session back. */
export const reopenForDay = (gate: Gate): Gate =>
  isClosedForDay(gate) ? { ...gate, untilMs: gate.sinceMs } : gate;
