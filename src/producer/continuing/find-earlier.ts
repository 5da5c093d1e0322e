import type { Source } from '../../lib/core/manifest/source.ts';
import { decideKept } from '../../lib/core/row/decide-kept.ts';
import type { Outcome } from '../../lib/core/row/outcome.ts';
import { isCalledFor } from '../../lib/store/redis/packing/source-digest.ts';

/** The latest of a row's earlier ends with a live session of this source; null for none. `earlier`: oldest first. */
export const findEarlier = (
  earlier: readonly Outcome[],
  source: Source,
  nowMs: number,
): Outcome | null =>
  earlier.findLast(
    (outcome) =>
      decideKept(outcome, nowMs) === 'keep' &&
      outcome.called !== undefined &&
      isCalledFor(source, outcome.called),
  ) ?? null;
