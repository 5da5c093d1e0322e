import { formatPlace, parsePlace } from '../../lib/core/list-place.ts';
import { statusOf } from '../../lib/report/read-entries.ts';
import { placeOfMatch } from '../../lib/search/place-of-match.ts';
import { type From, type SearchLimits, search } from '../../lib/search/search.ts';
import { readSought } from '../../lib/search/sought.ts';
import type { SearchView } from '../api/search-schemas.ts';
import type { DashboardPorts } from '../ports.ts';

/** An answer must come within 200 ms, and then says how far the search has got. */
const LIMITS: SearchLimits = { budgetMs: 120, rows: 200_000, shown: 20 };

/** Null if there is nothing to look for. `from`: where the previous answer ended; null begins a search. */
export async function searchEverything(
  ports: DashboardPorts,
  query: string,
  from: From,
): Promise<SearchView | null> {
  const sought = readSought(query);
  if (sought === null) return null;
  const { atOnce, scan, ...found } = await search(ports, sought, from, LIMITS);
  const { rows, batches, next } = scan;
  return {
    ...found,
    rows: [...atOnce, ...scan.found].map((one) => ({
      batchId: one.batch.id,
      row: one.entry.row.row,
      status: statusOf(one.entry.result),
      ...placeOfMatch(one, sought),
    })),
    searched: { rows, batches },
    next: next && `${formatPlace(next.batch)}~${next.row}`,
  };
}

/** Where a search continues; null for a text that is not a valid `next`. Ids have no `~`. */
export function readPlace(text: string): From {
  const [, place = '', row] = /^([^~]+)~([1-9]\d{0,9})$/.exec(text) ?? [];
  const batch = parsePlace(place);
  return batch && { batch, row: Number(row) };
}
