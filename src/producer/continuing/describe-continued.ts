import type { Batch } from '../../lib/core/batch/batch.ts';
import { describeContinuation } from '../../lib/core/continuing/describe-continuation.ts';
import { formatCount, formatNumber, formatRows } from '../../lib/core/in-words.ts';
import type { Comparison } from '../comparing/comparison.ts';
import type { Manifest } from '../manifest/open-manifest.ts';

/** `sessions`: how many sessions of the batches that mend it are in a batch's table. */
export function describeMends({ id }: Batch, mends: readonly Batch[], sessions: number): string[] {
  if (sessions === 0) return [];
  const ids = mends.map((mending) => mending.id).join(', ');
  return [`${id} includes ${formatNumber(sessions, 'session')} of ${ids}.`];
}

/** What becomes of the rows when a manifest continues a batch, or the batch of which it is a report. */
export function describeComparison(
  { fileName, sha256 }: Manifest,
  { id, manifestSha256 }: Batch,
  { continuation, gone, badKeys }: Comparison,
  isReport: boolean,
): string[] {
  // A report may hold some rows only, of purpose.
  if (isReport) {
    const counts = { ...continuation, removed: 0 };
    return [
      ...describeKeys(badKeys),
      describeContinuation({ fileName, batchId: id, isReport }, counts),
    ];
  }
  const removed = gone.map(({ row, source }) => `row ${row} (${source})`).join(', ');
  const rest = continuation.removed - gone.length;
  return [
    ...describeKeys(badKeys),
    describeContinuation(
      { fileName, batchId: id, isReport, isSameFile: sha256 === manifestSha256 },
      continuation,
    ),
    ...(gone.length === 0 ? [] : [`Removed: ${removed}${rest > 0 ? ` and ${rest} more` : ''}.`]),
  ];
}

/** Rows that no key identifies. */
export function describeKeys({ empty, repeated, examples }: Comparison['badKeys']): string[] {
  const count = empty + repeated;
  if (count === 0) return [];
  const [have, compared] =
    count === 1
      ? ['has', 'it is compared by all its cells']
      : ['have', 'they are compared by all their cells'];
  const kinds = [
    ...(empty > 0 ? [`${formatCount(empty)} empty`] : []),
    ...(repeated > 0 ? [`${formatCount(repeated)} repeated`] : []),
  ];
  return [
    `${formatRows(count)} ${have} no usable key (${kinds.join(', ')}: ${examples.join('; ')}); ${compared}.`,
  ];
}
