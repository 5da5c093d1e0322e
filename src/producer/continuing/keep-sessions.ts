import { sourceOf } from '../../lib/core/manifest/check-row.ts';
import type { ManifestRow, ManifestShape } from '../../lib/core/manifest/manifest.ts';
import type { Source } from '../../lib/core/manifest/source.ts';
import { decideKept, keptOutcome } from '../../lib/core/row/decide-kept.ts';
import type { Outcome } from '../../lib/core/row/outcome.ts';
import type { Chunk } from '../../lib/store/batch-store.ts';
import type { SettledRows } from '../settle-rows.ts';
import type { ContinuedTable } from './continued-table.ts';
import { findEarlier } from './find-earlier.ts';
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
  const known = rows.flatMap(({ row }) => matches.get(row)?.known ?? []);
  const before = await table.readOutcomesOf(known);
  const earlierOnes = await readEarlier(table, matches, rows);
  const outcomes = new Map(settled.outcomes);
  const earlier = new Map<number, Outcome>();
  for (const row of rows) {
    const match = matches.get(row.row);
    if (match === null || settled.outcomes.has(row.row)) continue;
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

async function readEarlier(
  table: ContinuedTable,
  matches: RowMatches,
  rows: readonly ManifestRow[],
): Promise<Map<number, Outcome[]>> {
  const known = rows.flatMap(({ row }) => {
    const match = matches.get(row);
    return match?.keepsEarlier ? [match.known] : [];
  });
  return await table.readEarlierOf(known);
}

const wasCalled = ({ session, attempts }: Outcome): boolean =>
  session !== undefined || attempts > 0;

/** Sessions that may exist beside it are counted where the calls were made. */
function withoutOrphans({ possibleOrphans: _, ...outcome }: Outcome): Outcome {
  return outcome;
}
