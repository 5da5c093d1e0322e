import type { ApiFailureKind } from './answer/api-failure.ts';
import { OUTCOME_STATUSES, type OutcomeStatus } from './row/row.ts';

/** How the API answered calls: the classes of failures, and `opened`. */
export const ANSWERS = [
  'opened',
  'refused',
  'throttled',
  'account',
  'misconfigured',
  'server',
  'unconfirmed',
] as const satisfies readonly ('opened' | ApiFailureKind)[];
export type Answer = (typeof ANSWERS)[number];

/** Upper bounds of the latency classes; a last class holds longer calls. */
export const LATENCY_BOUNDS_MS = [
  100, 200, 300, 500, 750, 1_000, 1_500, 2_500, 4_000, 6_000, 10_000, 15_000, 25_000, 40_000,
  60_000, 90_000, 120_000,
] as const;

/** What the workers did: in one minute, in ten, in an hour, or in total. */
export interface Activity {
  answers: Record<Answer, number>;
  /** Calls per latency class, not cumulative; there is one more class than bounds. */
  latencies: number[];
  latencyTotalMs: number;
  outcomes: Record<OutcomeStatus, number>;
  /** Calls without an answer within the time limit; they count among `answers`, too. */
  timeouts: number;
  /** Samples of the calls at once, and the sums of what was allowed and in use then; 0 for one batch. */
  samples: number;
  callsAllowed: number;
  callsUsed: number;
  /** Videos that probing read; those known from another row do not count. */
  probes: number;
  probeTotalMs: number;
  probeBytes: number;
  /** What opened sessions cost, in millionths. */
  units: number;
  balance: number;
}

export const noActivity = (): Activity => ({
  answers: zeros(ANSWERS),
  latencies: Array.from({ length: LATENCY_BOUNDS_MS.length + 1 }, () => 0),
  latencyTotalMs: 0,
  outcomes: zeros(OUTCOME_STATUSES),
  timeouts: 0,
  samples: 0,
  callsAllowed: 0,
  callsUsed: 0,
  probes: 0,
  probeTotalMs: 0,
  probeBytes: 0,
  units: 0,
  balance: 0,
});

const zeros = <K extends string>(names: readonly K[]): Record<K, number> =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<K, number>;

export const countCalls = ({ latencies }: Pick<Activity, 'latencies'>): number =>
  latencies.reduce((sum, count) => sum + count, 0);

/** The sum of all of these. */
export function sumActivities(all: readonly Activity[]): Activity {
  const sum = noActivity();
  for (const { answers, outcomes, latencies, ...numbers } of all) {
    for (const answer of ANSWERS) sum.answers[answer] += answers[answer];
    for (const status of OUTCOME_STATUSES) sum.outcomes[status] += outcomes[status];
    for (const [index, count] of latencies.entries()) {
      sum.latencies[index] = (sum.latencies[index] ?? 0) + count;
    }
    for (const [name, value] of Object.entries(numbers)) sum[name as keyof typeof numbers] += value;
  }
  return sum;
}

/** The class of a latency. */
export function latencyClass(durationMs: number): number {
  const found = LATENCY_BOUNDS_MS.findIndex((bound) => durationMs <= bound);
  return found < 0 ? LATENCY_BOUNDS_MS.length : found;
}

/**
 * The latency that this share of the calls (0 to 1) did not exceed, with calls spread evenly within a class; null
 * without calls. Beyond the last bound it is that bound.
 */
export function latencyQuantileMs({ latencies }: Activity, share: number): number | null {
  const total = countCalls({ latencies });
  if (total === 0) return null;
  let rest = share * total;
  for (const [index, count] of latencies.entries()) {
    const upper = LATENCY_BOUNDS_MS[index];
    if (upper === undefined) break;
    const lower = LATENCY_BOUNDS_MS[index - 1] ?? 0;
    if (rest <= count) return lower + (upper - lower) * (count === 0 ? 0 : rest / count);
    rest -= count;
  }
  return LATENCY_BOUNDS_MS.at(-1) ?? null;
}
