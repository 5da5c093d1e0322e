import type { GateLimits } from './gate.ts';

/** How fast rows end, and what else wants its share of that. */
export interface Pace {
  /** All batches together; above 0. */
  rowsPerSecond: number;
  /** Unfinished rows of each batch that runs already. */
  othersPending: readonly number[];
}

/** Of one call, while nothing is known: Kling fetches and normalises the clip inside it. */
export const ASSUMED_CALL_S = 10;

/** Rows per second that the API's limits let through, if a call takes as long as is assumed. */
export function assumedRowsPerSecond({ concurrency, ratePerSecond }: GateLimits): number {
  const byConcurrency = concurrency / ASSUMED_CALL_S;
  return ratePerSecond === 0 ? byConcurrency : Math.min(byConcurrency, ratePerSecond);
}

/**
 * After how many ms a row ends when its batch starts now, by its position among the rows that are to be worked on, from 1.
 * Batches take turns row by row, so each other one gets as many rows done meanwhile, as long as it has any.
 */
export function estimateTurnMs(position: number, { rowsPerSecond, othersPending }: Pace): number {
  const others = othersPending.reduce((sum, pending) => sum + Math.min(pending, position), 0);
  return ((position + others) / rowsPerSecond) * 1_000;
}
