import type { ManifestRow } from '../../lib/core/manifest/manifest.ts';
import { decideKept, keptOutcome } from '../../lib/core/row/decide-kept.ts';
import type { Outcome } from '../../lib/core/row/outcome.ts';
import type { Chunk } from '../../lib/store/batch-store.ts';
import type { SettledRows } from '../settle-rows.ts';
import type { ContinuedTable } from './continued-table.ts';
import type { RowMatches } from './row-matches.ts';

/**
 * Ends the unchanged rows of a chunk with their live sessions from the batch before, and records how the others ended
 * there. Both are stored with the rows in one step, so nothing can come between the decision and its record.
 */
export async function keepSessions(
  { table, matches }: { table: ContinuedTable; matches: RowMatches },
  { rows, settled }: { rows: readonly ManifestRow[]; settled: SettledRows },
  nowMs: number,
): Promise<Pick<Chunk, 'outcomes' | 'earlier'>> {
  const known = rows.flatMap(({ row }) => matches.get(row)?.known ?? []);
  const before = await table.readOutcomesOf(known);
  const outcomes = new Map(settled.outcomes);
  const earlier = new Map<number, Outcome>();
  for (const { row } of rows) {
    const match = matches.get(row);
    const outcome = before.get(match?.known ?? 0);
    if (match === null || outcome === undefined || settled.outcomes.has(row)) continue;
    if (match.isSame && decideKept(outcome, nowMs) === 'keep') {
      outcomes.set(row, keptOutcome(outcome, table.placeOf(match.known)));
    } else if (wasCalled(outcome)) earlier.set(row, withoutOrphans(outcome));
  }
  return { outcomes, earlier };
}

const wasCalled = ({ session, attempts }: Outcome): boolean =>
  session !== undefined || attempts > 0;

/** Sessions that may exist beside it are counted where the calls were made. */
function withoutOrphans({ possibleOrphans: _, ...outcome }: Outcome): Outcome {
  return outcome;
}
