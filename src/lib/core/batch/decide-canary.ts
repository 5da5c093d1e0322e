import { countEnded, type RowCounts } from './batch.ts';

export interface CanaryFacts {
  /** Rows that go first; null when the batch has no canary. */
  trialRows: number | null;
  counts: RowCounts;
  /** Rows between dispatch and outcome. */
  underWay: number;
  /** A person resumed the batch since then, so the other rows follow whatever the canary says. */
  wasResumed: boolean;
}

/** The state of a batch's canary: its first rows, which are called before the others. */
export type CanaryDecision =
  | { kind: 'continue' }
  /** At most this many rows may be handed over; 0 while their outcomes are awaited. */
  | { kind: 'try'; atMost: number }
  /** All of them ended, none with a session. */
  | { kind: 'failed' };

export function decideCanary(facts: CanaryFacts): CanaryDecision {
  const { trialRows, counts, underWay, wasResumed } = facts;
  if (trialRows === null || wasResumed) return { kind: 'continue' };
  if (counts.succeeded + counts.reused > 0) return { kind: 'continue' };
  // Malformed and repeated rows end at import, so they show nothing about the API.
  const ended = countEnded(counts) - counts.invalid - counts.duplicate;
  const atMost = trialRows - ended - underWay;
  return atMost <= 0 && underWay === 0
    ? { kind: 'failed' }
    : { kind: 'try', atMost: Math.max(0, atMost) };
}
