import { type BatchPart, type CopyContext, type PageToCopy, readRecords } from './gather-page.ts';
import type { CopyPlace } from './results-database.ts';

/** Stores a page and the position after it. Null when another process has written meanwhile. */
export async function copyPage(
  context: CopyContext,
  place: CopyPlace,
  { parts, packed, next }: PageToCopy,
): Promise<CopyPlace | null> {
  const isSame = next.event === place.position.event && next.row === place.position.row;
  if (parts.length === 0 && isSame) return place;
  let current: CopyPlace | null = place;
  for (const part of parts) {
    current = current && (await writeStoredDuplicates(context, current, part));
  }
  const batches = parts.map(({ batch }) => batch);
  return current && (await context.database.write(current, { next, batches, results: packed }));
}

/** Repetitions of one row are without bound, so they are written in parts. */
const DUPLICATES_AT_ONCE = 500;

/**
 * A row that repeats another shows that row's session, and is not announced when that row gets it. These rows are
 * written before the page, without moving the position: after an interruption they are written again.
 */
async function writeStoredDuplicates(
  context: CopyContext,
  place: CopyPlace,
  { batch, events }: BatchPart,
): Promise<CopyPlace | null> {
  const { database } = context;
  if (events.size === 0) return place;
  let current: CopyPlace | null = place;
  for (let after = 0; current !== null; ) {
    const found = await database.findDuplicates(
      batch,
      [...events.keys()],
      after,
      DUPLICATES_AT_ONCE,
    );
    const last = found.at(-1);
    if (last === undefined) return current;
    const wanted = new Map(found.map(({ row, of }) => [row, events.get(of) ?? 0]));
    const records = await readRecords(context, batch, wanted, place.generation);
    const results = [database.pack(records)];
    current = await database.write(current, { next: place.position, batches: [], results });
    after = last.row;
  }
  return null;
}
