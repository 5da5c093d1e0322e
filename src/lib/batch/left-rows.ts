import type { Outcome } from '../core/row/outcome.ts';
import type { RowRange, RowRanges } from '../core/row/row-ranges.ts';

/** Why a row that was named is not retried. */
export type WhyLeft =
  | 'has a session'
  | 'malformed'
  | 'repeats another row'
  | 'not ended yet'
  | 'cancelled'
  | `${'rejected' | 'failed' | 'unconfirmed'} with ${string}`;

/** Named rows that an act leaves alone, for one reason. */
export interface LeftRows {
  why: WhyLeft;
  rows: RowRanges;
}

/** Adds a row to its reason. Rows come in order. `outcome`: null while the row has not ended. */
export function addLeftRow(left: LeftRows[], row: number, outcome: Outcome | null): void {
  const why = whyLeft(outcome);
  let group = left.find((one) => one.why === why);
  if (group === undefined) {
    group = { why, rows: [] };
    left.push(group);
  }
  const ranges = group.rows as RowRange[];
  const last = ranges.at(-1);
  if (last?.to === row - 1) last.to = row;
  else ranges.push({ from: row, to: row });
}

function whyLeft(outcome: Outcome | null): WhyLeft {
  if (outcome === null) return 'not ended yet';
  const { status, error } = outcome;
  switch (status) {
    case 'succeeded':
    case 'reused':
      return 'has a session';
    case 'duplicate':
      return 'repeats another row';
    case 'invalid':
      return 'malformed';
    case 'cancelled':
      return status;
    case 'rejected':
    case 'failed':
    case 'unconfirmed':
      return `${status} with ${error?.code ?? 'no code'}`;
  }
}
