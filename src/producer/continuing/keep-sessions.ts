import { sourceOf } from '../../lib/core/manifest/check-row.ts';
import type { ManifestRow, ManifestShape } from '../../lib/core/manifest/manifest.ts';
import type { Source } from '../../lib/core/manifest/source.ts';
import { decideKept, keptOutcome } from '../../lib/core/row/decide-kept.ts';
import type { Outcome } from '../../lib/core/row/outcome.ts';
import type { Chunk } from '../../lib/store/batch-store.ts';
import { isCalledFor } from '../../lib/store/redis/packing/source-digest.ts';
import type { SettledRows } from '../settle-rows.ts';
import type { ContinuedTable } from './continued-table.ts';
import type { Match, RowMatches } from './row-matches.ts';

/**
 * Ends the unchanged rows of a chunk with their live sessions from the batch before, and records how the others ended
 * there. Both are stored with the rows in one step, so nothing can come between the decision and its record.
 */
export async function keepSessions(
  { table, matches }: { table: ContinuedTable; matches: RowMatches },
  {
    rows,
    settled,
    shape,
  }: { rows: readonly ManifestRow[]; settled: SettledRows; shape: ManifestShape },
  nowMs: number,
): Promise<Pick<Chunk, 'outcomes' | 'earlier'>> {
  const matched = matchRows(matches, rows, settled);
  const before = await table.readOutcomesOf(matched.map(({ match }) => match.known));
  const earlierOnes = await table.readEarlierOf(
    matched.flatMap(({ match }) => (match.keepsEarlier ? [match.known] : [])),
  );
  const outcomes = new Map(settled.outcomes);
  const earlier = new Map<number, Outcome>();
  for (const { row, match } of matched) {
    const end = before.get(match.known) ?? null;
    const kept = match.keepsEarlier
      ? findAgain(earlierOnes.get(match.known), sourceOf(shape, row), nowMs)
      : keptEnd(match, end, nowMs);
    if (kept !== null) outcomes.set(row.row, keptOutcome(kept, table.placeOf(match.known)));
    if (end !== null && end !== kept && wasCalled(end)) earlier.set(row.row, withoutOrphans(end));
  }
  return { outcomes, earlier };
}

const keptEnd = ({ isSame }: Match, end: Outcome | null, nowMs: number): Outcome | null =>
  isSame && end !== null && decideKept(end, nowMs) === 'keep' ? end : null;

const findAgain = (
  earlier: readonly Outcome[] = [],
  source: Source | null,
  nowMs: number,
): Outcome | null => source && findEarlier(earlier, source, nowMs);

/** The rows that have not ended by themselves and are rows of the table. */
function matchRows(
  matches: RowMatches,
  rows: readonly ManifestRow[],
  settled: SettledRows,
): { row: ManifestRow; match: Match }[] {
  const found: { row: ManifestRow; match: Match }[] = [];
  for (const row of rows) {
    const match = settled.outcomes.has(row.row) ? null : matches.get(row.row);
    if (match !== null) found.push({ row, match });
  }
  return found;
}

const wasCalled = ({ session, attempts }: Outcome): boolean =>
  session !== undefined || attempts > 0;

/** Sessions that may exist beside it are counted where the calls were made. */
function withoutOrphans({ possibleOrphans: _, ...outcome }: Outcome): Outcome {
  return outcome;
}

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
