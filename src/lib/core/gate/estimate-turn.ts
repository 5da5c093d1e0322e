import type { GateLimits } from './gate.ts';

/** How fast rows end, and what else wants its share of that. */
export interface Pace {
  /** All batches together; above 0. */
  rowsPerSecond: number;
  /** Of the batch in question, 1 to 100. */
  priority: number;
  /** Batches that run already: their unfinished rows, and their priorities. */
  others: readonly { pending: number; priority: number }[];
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
 * Batches share the work by priority; another one gets its part of rows done meanwhile, as long as it has any.
 */
export function estimateTurnMs(position: number, pace: Pace): number {
  const doneElsewhere = pace.others.reduce(
    (sum, other) => sum + Math.min(other.pending, position * (other.priority / pace.priority)),
    0,
  );
  return ((position + doneElsewhere) / pace.rowsPerSecond) * 1_000;
}
