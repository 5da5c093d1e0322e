import { formatRows } from '../in-words.ts';
import type { Batch } from './batch.ts';

/**
 * Says that rows of the manifest are missing and how to get them, in two sentences; null when every row is stored.
 */
export function explainUnread({
  isReadToEnd,
  rows,
}: Pick<Batch, 'isReadToEnd' | 'rows'>): string | null {
  if (isReadToEnd) return null;
  return `The manifest was not read to its end: ${formatRows(rows)} of it ${rows === 1 ? 'is' : 'are'} stored, the rest is not. Import the same file with the same options again to store the rest.`;
}
