import { type Batch, countPending, countWithoutSession } from './batch.ts';

/** What is left to do for a batch that others mend. */
export interface OpenRows {
  /** Rows without a session here, minus those that got one in a mending batch; never below 0. */
  open: number;
  /** Rows of the mending batches that have not ended. */
  underWay: number;
}

/**
 * Based on counts, not on single rows: a fixed row was edited, so nothing connects it to the original. Rows that a
 * mending batch adds therefore also count as fixed.
 */
export function countOpenRows(batch: Batch, mending: readonly Batch[]): OpenRows {
  const sum = (count: (batch: Batch) => number): number =>
    mending.reduce((total, mendingBatch) => total + count(mendingBatch), 0);
  const mended = sum(({ counts }) => counts.succeeded + counts.reused);
  return {
    open: Math.max(0, countWithoutSession(batch.counts) - mended),
    underWay: sum(({ counts }) => countPending(counts)),
  };
}
