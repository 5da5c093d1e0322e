import type { GateLimits } from './gate.ts';

/** How many rows end per second, and which batches share that. */
export interface Pace {
  /** All batches together; above 0. */
  rowsPerSecond: number;
  /** Priority of the batch in question, 1 to 100. */
  priority: number;
  /** Batches that are already running: their unfinished rows and their priorities. */
  others: readonly { pending: number; priority: number }[];
}

/** Assumed time of one call while nothing was measured: Kling fetches and normalises the video in it. */
export const ASSUMED_CALL_S = 10;

/** Rows per second that the API's limits allow, at the assumed time of a call. */
export function assumedRowsPerSecond({ concurrency, ratePerSecond }: GateLimits): number {
  const byConcurrency = concurrency / ASSUMED_CALL_S;
  return ratePerSecond === 0 ? byConcurrency : Math.min(byConcurrency, ratePerSecond);
}

/**
 * After how many ms a row ends if its batch starts now, by its position among the rows to process, from 1. Batches
 * share the work by priority: each other batch gets its part of the rows until it has none left.
 */
export function estimateTurnMs(position: number, pace: Pace): number {
  const doneElsewhere = pace.others.reduce(
    (sum, other) => sum + Math.min(other.pending, position * (other.priority / pace.priority)),
    0,
  );
  return ((position + doneElsewhere) / pace.rowsPerSecond) * 1_000;
}
