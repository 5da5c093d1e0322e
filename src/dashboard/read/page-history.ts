import { createHash } from 'node:crypto';
import type { HistoryEntry } from '../../lib/store/batch-steering.ts';
import { firstPage } from './first-page.ts';

/** A line of a history: `<ms>-<digest of the line>-<how many such lines there are from the oldest to this one>`. */
export interface HistoryPlace {
  atMs: number;
  line: string;
}

/** Null for a text that is no `next` of a history. */
export function parseHistoryPlace(text: string): HistoryPlace | null {
  const [, atMs] = /^(\d{1,16})-[0-9a-f]{12}-\d{1,4}$/.exec(text) ?? [];
  return atMs === undefined ? null : { atMs: Number(atMs), line: text };
}

/**
 * A page of a history, newest first. Lines have no number, and the oldest are dropped as new ones arrive, so the line
 * itself is the cursor. Null for a cursor of another history.
 */
export function pageHistory(
  history: readonly HistoryEntry[],
  { after, limit }: { after?: HistoryPlace | undefined; limit: number },
): { entries: HistoryEntry[]; next: string | null } | null {
  const lines = withPlaces(history);
  const at = after === undefined ? -1 : lines.findIndex(({ place }) => place === after.line);
  if (after !== undefined && at === -1) return isDropped(history, after) ? END : null;
  const { page, next } = firstPage(lines.slice(at + 1), limit, ({ place }) => place);
  return { entries: page.map(({ entry }) => entry), next };
}

const END = { entries: [], next: null };

/** Then every older line is dropped, too. */
const isDropped = (history: readonly HistoryEntry[], { atMs }: HistoryPlace): boolean =>
  atMs <= (history.at(-1)?.atMs ?? Number.POSITIVE_INFINITY);

function withPlaces(history: readonly HistoryEntry[]): { entry: HistoryEntry; place: string }[] {
  const seen = new Map<string, number>();
  const oldestFirst = history.toReversed().map((entry) => {
    const digest = digestOf(entry);
    const count = (seen.get(digest) ?? 0) + 1;
    seen.set(digest, count);
    return { entry, place: `${entry.atMs}-${digest}-${count}` };
  });
  return oldestFirst.toReversed();
}

const digestOf = ({ atMs, who, what, reason }: HistoryEntry): string =>
  createHash('sha256')
    .update(JSON.stringify([atMs, who, what, reason]))
    .digest('hex')
    .slice(0, 12);
