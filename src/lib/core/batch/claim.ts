import type { Share } from './decide-dispatch.ts';

/** What a batch's dispatch says of it at each look. */
export interface ClaimFacts {
  /** 1 to 100. */
  priority: number;
  /** Rows that ended per second, measured over a second at least. */
  endedPerSecond: number;
  /** Rows that have been handed over, or have ended otherwise. */
  begun: number;
  /** Of these, how many have not ended. */
  underWay: number;
}

/** A batch's claim on the work, as it is kept from look to look. */
export interface Claim extends ClaimFacts {
  /** Where `begun` stood, or would have stood, when its service was nothing. */
  base: number;
}

/** So many rows a batch that could not move for a while may catch up with. */
const MOST_BEHIND = 1_000;

export const servedOf = ({ begun, base, priority }: Claim): number => (begun - base) / priority;

export const shareOf = (batchId: string, claim: Claim): Share => ({
  batchId,
  priority: claim.priority,
  endedPerSecond: claim.endedPerSecond,
  served: servedOf(claim),
});

/** As `servedOf`, without what still lies ready: the first to come has filled the line, and is ahead by that much. */
const endedOf = (claim: Claim): number =>
  servedOf({ ...claim, begun: claim.begun - claim.underWay });

/**
 * The next claim of a batch. One that is new, or whose rows wait again, begins where the others are on average: it has
 * not to catch up with what they did before, nor to wait for what they only hold ready.
 */
export function renewClaim(
  before: Claim | null,
  facts: ClaimFacts,
  others: readonly Claim[],
): Claim {
  const { begun, priority } = facts;
  const startAt = (served: number): Claim => ({ ...facts, base: begun - served * priority });
  if (before === null || begun < before.begun) return startAt(average(others.map(endedOf)));
  if (priority !== before.priority) return startAt(servedOf({ ...before, begun }));
  const renewed = { ...facts, base: before.base };
  if (others.length === 0) return renewed;
  const least = average(others.map(servedOf)) - MOST_BEHIND / priority;
  return servedOf(renewed) < least ? startAt(least) : renewed;
}

const average = (numbers: readonly number[]): number =>
  numbers.length === 0 ? 0 : numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
