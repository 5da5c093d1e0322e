import type { Batch, BatchState } from '../../lib/core/batch/batch.ts';
import type { BatchView } from '../api/api-schemas.ts';
import type { DashboardPorts } from '../ports.ts';
import { showBatch } from './show-batch.ts';

/** Batches that meet all of it. */
export interface BatchFilter {
  /** Part of the id or the manifest's name, in any case of letters; empty for all. */
  search: string;
  state?: BatchState | undefined;
  /** Name of the schedule that started it. */
  schedule?: string | undefined;
  tag?: string | undefined;
}

export interface BatchPage {
  /** Newest first. */
  batches: BatchView[];
  hasMore: boolean;
}

/** Reads batches until the page is full: hundreds are a few small reads. */
export async function listBatches(
  { overview }: Pick<DashboardPorts, 'overview'>,
  filter: BatchFilter,
  { skip, limit }: { skip: number; limit: number },
): Promise<BatchPage> {
  const batches: BatchView[] = [];
  let toSkip = skip;
  for await (const batch of overview.listBatches()) {
    if (!isWanted(batch, filter)) continue;
    toSkip -= 1;
    if (toSkip >= 0) continue;
    if (batches.length === limit) return { batches, hasMore: true };
    batches.push(showBatch(batch));
  }
  return { batches, hasMore: false };
}

function isWanted(
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
