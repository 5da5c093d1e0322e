import type { Batch, BatchState } from '../../lib/core/batch/batch.ts';
import { comparePlaces, type ListPlace } from '../../lib/core/list-place.ts';
import type { BatchRecord } from '../../lib/store/batch-overview.ts';
import type { BatchView, UnreadableView } from '../api/api-schemas.ts';
import type { DashboardPorts } from '../ports.ts';
import { showBatch } from './show-batch.ts';

/** Batches that match every condition. */
export interface BatchFilter {
  /** Part of the id or the manifest's name, in upper or lower case; empty for all. */
  search: string;
  state?: BatchState | undefined;
  /** Name of the schedule that started it. */
  schedule?: string | undefined;
  tag?: string | undefined;
}

export interface BatchPage {
  /** Newest first. */
  batches: BatchView[];
  /** The batches between the two positions, or those that the search finds. */
  unreadable: UnreadableView[];
  /** Whether it begins with the newest batch that matches. */
  isFirst: boolean;
  /** Places of its first and last batch; null for a page without any. */
  first: ListPlace | null;
  last: ListPlace | null;
  hasOlder: boolean;
}

/** A place in the list, and the side of it on which the page is; null is the first page. */
export type PageOfBatches = { from: ListPlace; towards: 'older' | 'newer' } | null;

/** Reads batches until the page is full; hundreds of batches are a few small reads. */
export async function listBatches(
  { overview }: Pick<DashboardPorts, 'overview'>,
  filter: BatchFilter,
  { page, limit }: { page: PageOfBatches; limit: number },
): Promise<BatchPage> {
  const { from, towards } = page ?? { from: null, towards: 'older' };
  const found: BatchRecord[] = [];
  for await (const record of overview.listRecords({ state: filter.state, from, towards })) {
    if (isWanted(record, filter)) found.push(record);
    if (found.length > limit) break;
  }
  // The first page is never a part of one, however few batches are newer than the place.
  if (towards === 'newer' && found.length <= limit) {
    return await listBatches({ overview }, filter, { page: null, limit });
  }
  const hasMore = found.length > limit;
  const shown = found
    .slice(0, limit)
    .toSorted((one, other) => comparePlaces(other.place, one.place));
  return {
    batches: shown.flatMap((record) => (record.kind === 'batch' ? [showBatch(record.batch)] : [])),
    unreadable: shown.flatMap((record) =>
      record.kind === 'unreadable' ? [{ id: record.id, reason: record.reason }] : [],
    ),
    isFirst: page === null,
    first: shown[0]?.place ?? null,
    last: shown.at(-1)?.place ?? null,
    hasOlder: hasMore || towards === 'newer',
  };
}

const isEverything = ({ search, state, schedule, tag }: BatchFilter): boolean =>
  search === '' && state === undefined && schedule === undefined && tag === undefined;

/** How many match, where that is known without reading them; otherwise null. */
export const countAllBatches = async (
  { overview }: Pick<DashboardPorts, 'overview'>,
  filter: BatchFilter,
): Promise<number | null> => (isEverything(filter) ? await overview.countBatches() : null);

/** All readable batches that match, at most `most`; newest first. */
export async function listMatching(
  { overview }: Pick<DashboardPorts, 'overview'>,
  filter: BatchFilter,
  most: number,
): Promise<Batch[]> {
  const found: Batch[] = [];
  for await (const record of overview.listRecords({ state: filter.state })) {
    if (record.kind !== 'batch' || !isWantedBatch(record.batch, filter)) continue;
    found.push(record.batch);
    if (found.length === most) break;
  }
  return found;
}

function isWanted(record: BatchRecord, filter: BatchFilter): boolean {
  if (record.kind === 'batch') return isWantedBatch(record.batch, filter);
  // Only its id is known.
  const { search, state, schedule, tag } = filter;
  const isSearchAlone = state === undefined && schedule === undefined && tag === undefined;
  return isSearchAlone && record.id.toLowerCase().includes(search.toLowerCase());
}

function isWantedBatch(
  { id, name, state, arrangements }: Batch,
  { search, tag, ...wanted }: BatchFilter,
): boolean {
  const sought = search.toLowerCase();
  return (
    (wanted.state === undefined || state === wanted.state) &&
    (wanted.schedule === undefined || arrangements.schedule === wanted.schedule) &&
    (tag === undefined || arrangements.tags.includes(tag)) &&
    (id.toLowerCase().includes(sought) || name.toLowerCase().includes(sought))
  );
}
