import type { Batch, BatchState } from '../../lib/core/batch/batch.ts';
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
  hasMore: boolean;
}

/** Reads batches until the page is full; hundreds of batches are a few small reads. */
export async function listBatches(
  { overview }: Pick<DashboardPorts, 'overview'>,
  filter: BatchFilter,
  { skip, limit }: { skip: number; limit: number },
): Promise<BatchPage> {
  const batches: BatchView[] = [];
  const unreadable: UnreadableView[] = [];
  let toSkip = skip;
  for await (const record of overview.listRecords()) {
    if (!isWanted(record, filter)) continue;
    toSkip -= 1;
    if (toSkip >= 0) continue;
    if (batches.length + unreadable.length === limit) return { batches, unreadable, hasMore: true };
    if (record.kind === 'batch') batches.push(showBatch(record.batch));
    else unreadable.push({ id: record.id, reason: record.reason });
  }
  return { batches, unreadable, hasMore: false };
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
