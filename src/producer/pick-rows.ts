import type { ManifestRow } from '../lib/core/manifest/manifest.ts';
import type { RowSet } from './row-set.ts';

export interface RowPick {
  /** Only the first rows of the manifest. */
  limit?: number;
  /** Only these rows of the manifest, renumbered from 1; their lines stay those of the file. */
  picked?: RowSet;
}

/** The rows of a manifest to import. */
export async function* pickRows(
  batches: AsyncIterable<ManifestRow[]>,
  { limit = Number.POSITIVE_INFINITY, picked }: RowPick,
): AsyncGenerator<ManifestRow[]> {
  let next = 1;
  for await (const rows of batches) {
    const within = rows.filter(({ row }) => row <= limit);
    if (picked === undefined) yield within;
    else {
      yield within.filter(({ row }) => picked.has(row)).map((row) => ({ ...row, row: next++ }));
    }
    if (within.length < rows.length) return;
  }
}
