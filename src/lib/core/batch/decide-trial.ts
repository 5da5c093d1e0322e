import { countEnded, type RowCounts } from './batch.ts';

export interface TrialFacts {
  /** Rows that go first; null when the batch asked for no trial. */
  trialRows: number | null;
  counts: RowCounts;
  /** Rows between dispatch and outcome. */
  underWay: number;
  /** Somebody has resumed the batch since: they want it to go on, trial or not. */
  wasResumed: boolean;
}

/** How the trial of a batch's first rows stands. */
export type TrialDecision =
  | { kind: 'go_on' }
  /** At most so many rows may be handed over; 0 while their outcomes are awaited. */
  | { kind: 'try'; atMost: number }
  /** All ended, none with a session. */
  | { kind: 'failed' };

export function decideTrial(facts: TrialFacts): TrialDecision {
  const { trialRows, counts, underWay, wasResumed } = facts;
  if (trialRows === null || wasResumed) return { kind: 'go_on' };
  if (counts.succeeded + counts.reused > 0) return { kind: 'go_on' };
  // Malformed and repeated rows end at import and try nothing.
  const ended = countEnded(counts) - counts.invalid - counts.duplicate;
  const atMost = trialRows - ended - underWay;
  return atMost <= 0 && underWay === 0
    ? { kind: 'failed' }
    : { kind: 'try', atMost: Math.max(0, atMost) };
}
