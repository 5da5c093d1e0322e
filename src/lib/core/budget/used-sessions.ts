import { OUTCOME_DAMAGED, RECORD_DAMAGED } from '../row/damaged-record.ts';
import type { Outcome } from '../row/outcome.ts';
import type { RowProgress } from '../row/row-progress.ts';

/** How many calls of a batch have opened a session, or may have, as far as its rows show. */
export interface UsedSessions {
  /** Sessions that were opened, calls that were lost, and calls under way. */
  least: number;
  /** The same and all other calls that counted: a server error proves nothing. */
  most: number;
}

export const NONE_USED: UsedSessions = { least: 0, most: 0 };

/** Nothing is known about the calls of such a row. */
const DAMAGED: ReadonlySet<string> = new Set([RECORD_DAMAGED, OUTCOME_DAMAGED]);

interface RowOfBatch {
  /** Null while it has none. */
  outcome: Outcome | null;
  progress: RowProgress | null;
  /** Its earlier outcomes. */
  earlier: readonly Outcome[];
}

/**
 * Adds a row. `mayInherit`: its earlier outcomes may be those of the batch that this one continues, whose calls count
 * there.
 */
export function addUsed(
  { least, most }: UsedSessions,
  { outcome, progress, earlier }: RowOfBatch,
  mayInherit: boolean,
): UsedSessions {
  const isOwn = ({ keptFrom }: Outcome): boolean => keptFrom === undefined;
  const last = outcome === null ? [] : [outcome].filter(isOwn);
  const before = earlier.filter(isOwn);
  const opened = [...(mayInherit ? [] : before), ...last].filter(
    ({ status, session }) => status === 'succeeded' && session !== undefined,
  );
  // Lost calls are passed on from one outcome to the next.
  const lost = outcome?.possibleOrphans ?? progress?.lostCalls ?? 0;
  const calling = progress?.isCalling || outcome?.renewal?.isCalling ? 1 : 0;
  // A batch that keeps the session of another one renews it by calls of its own.
  const renewals = [...earlier, ...(outcome === null ? [] : [outcome])].map((one) => one.renewal);
  const attempts =
    [...before, ...last].reduce((sum, one) => sum + one.attempts, 0) +
    renewals.reduce((sum, renewal) => sum + (renewal?.attempts ?? 0), 0);
  const isUnknown = [...before, ...last].some(({ error }) => DAMAGED.has(error?.code ?? ''));
  return {
    least: least + opened.length + lost + calling,
    most: isUnknown
      ? Number.POSITIVE_INFINITY
      : most + attempts + (progress?.attempts ?? 0) + lost + calling,
  };
}

/** The nearest count that the rows allow. */
export const withinUsed = (used: number, { least, most }: UsedSessions): number =>
  Math.min(Math.max(used, least), most);
