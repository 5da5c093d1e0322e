import { type Batch, countPending, countWithoutSession } from './batch.ts';

/** What is left to do of a batch that others supply. */
export interface OpenRows {
  /** Rows without a session here, less those that got one in a mending batch; never below 0. */
  open: number;
  /** Rows of the mending batches that have not ended yet. */
  underWay: number;
}

/**
 * By counts, not row by row: a fixed row has been edited, so nothing ties it to the one it stands for. Rows that a
 * mending batch adds of its own count as mended, too.
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
