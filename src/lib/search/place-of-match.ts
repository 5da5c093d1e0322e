import { uniqueNames } from '../report/user-cells.ts';
import { showCells } from '../rows/show-cells.ts';
import type { FoundRow } from './scan-rows.ts';
import { excerptOf, type Sought } from './sought.ts';

/** Where in a row the text is. */
export interface MatchPlace {
  /** A column of the manifest, `key`, `session`, `request id` or `before it was retried`. */
  place: string;
  /** The text around the match, without signatures. */
  excerpt: string;
}

/** Where a row contains the text; the beginning of its first cell if the row was named by its number. */
export function placeOfMatch({ batch, entry, key }: FoundRow, sought: Sought): MatchPlace {
  const { text, lower } = sought;
  const { row, result } = entry;
  if (key !== undefined) return { place: 'key', excerpt: key };
  if (typeof result !== 'string') {
    const { session, requestId, failedAttempts = [] } = result;
    if (session?.id === text) return { place: 'session', excerpt: text };
    const requests = [requestId, ...failedAttempts.map((attempt) => attempt.requestId)];
    if (requests.includes(text)) return { place: 'request id', excerpt: text };
  }
  const cells = showCells(row);
  const at = cells.findIndex((cell) => cell.toLowerCase().includes(lower));
  const isNamed = text.startsWith(batch.id) && text.endsWith(String(row.row));
  if (at < 0 && !isNamed) return { place: 'before it was retried', excerpt: text };
  const shown = Math.max(0, at);
  const column =
    batch.shape.format === 'jsonl'
      ? 'manifest'
      : uniqueNames(batch.shape.columns, cells.length)[shown];
  return { place: column ?? '', excerpt: excerptOf(cells[shown] ?? '', sought) };
}
