import type { ContinuationCounts } from '../../lib/core/continuing/describe-continuation.ts';
import type { RowMatches } from '../continuing/row-matches.ts';
import type { RowSet } from '../row-set.ts';

/**
 * - `new`: not in the batch.
 * - `failed`: in the batch, where it ended without a session.
 * - `unchanged`: in the batch, with a session or not ended yet.
 * - `invalid`: malformed in the manifest, whatever it was in the batch.
 * - `repeated`: repeats an earlier row of the manifest.
 * - `removed`: only in the batch.
 */
export const COMPARISON_KINDS = [
  'new',
  'failed',
  'unchanged',
  'invalid',
  'repeated',
  'removed',
] as const;
export type ComparisonKind = (typeof COMPARISON_KINDS)[number];

export interface ComparedRow {
  /** Row and line in the manifest; in the batch for `removed`. */
  row: number;
  line: number;
  source: string;
  /** Why it failed there, or what is wrong with it here; null without a reason. */
  remark: string | null;
}

export interface Comparison {
  /** All but `removed` add up to the manifest's rows. */
  counts: Record<ComparisonKind, number>;
  /** The first ones of each kind, at most 10. */
  examples: Record<ComparisonKind, ComparedRow[]>;
  /** The manifest's rows of the requested kinds. */
  picked: RowSet;
  /** Which row of the batch each row of the manifest is. */
  matches: RowMatches;
  /** What happens to the manifest's rows when it continues the batch. */
  continuation: ContinuationCounts;
  /** The first rows that are in the batch only, at most 10, without those that were edited in place. */
  gone: ComparedRow[];
  /** Rows that will be called here while the same row of the batch may still be called there. */
  pending: number;
  /** Keys that do not identify a row; such rows are compared by their cells. */
  badKeys: { empty: number; repeated: number; examples: string[] };
}
