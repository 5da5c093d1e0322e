import type { RowCounts } from '../../../src/lib/core/batch/batch.ts';

/** Counts of a batch: zero but for those given. */
export const countsOf = (given: Partial<RowCounts>): RowCounts => ({
  waiting: 0,
  probing: 0,
  ready: 0,
  opening: 0,
  succeeded: 0,
  reused: 0,
  duplicate: 0,
  invalid: 0,
  rejected: 0,
  failed: 0,
  unconfirmed: 0,
  cancelled: 0,
  ...given,
});
