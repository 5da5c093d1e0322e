import type { Share } from './decide-dispatch.ts';

/** What a batch's dispatch reports at each look. */
export interface ClaimFacts {
  /** 1 to 100. */
  priority: number;
  /** Rows that ended per second, measured over at least a second. */
  endedPerSecond: number;
  /** Rows that were handed over, or ended otherwise. */
  begun: number;
  /** How many of these have not ended. */
  underWay: number;
}

/** A batch's claim on the work, kept from look to look. */
export interface Claim extends ClaimFacts {
  /** The value of `begun` at which the batch's service was zero. */
  base: number;
}

/** Rows that a batch may catch up with after it could not move for a while. */
const MOST_BEHIND = 1_000;

export const servedOf = ({ begun, base, priority }: Claim): number => (begun - base) / priority;

export const shareOf = (batchId: string, claim: Claim): Share => ({
  batchId,
  priority: claim.priority,
  endedPerSecond: claim.endedPerSecond,
  served: servedOf(claim),
});

/**
 * Like `servedOf`, without the rows that are only queued: the first batch to come has filled the queue and is ahead
 * by that much.
 */
const endedOf = (claim: Claim): number =>
  servedOf({ ...claim, begun: claim.begun - claim.underWay });

/**
 * The next claim of a batch. A new batch, or one whose rows were queued again, begins at the average of the others:
 * it does not catch up with their earlier work, and does not wait for rows that they have only queued.
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
