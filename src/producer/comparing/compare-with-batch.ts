import type { BatchStore } from '../../lib/store/batch-store.ts';
import type { ContinuedTable } from '../continuing/continued-table.ts';
import { findKeyColumns } from '../continuing/row-key.ts';
import type { Manifest } from '../manifest/open-manifest.ts';
import type { RowSet } from '../row-set.ts';
import { Comparer, type ComparisonOptions } from './comparer.ts';
import type { Comparison } from './comparison.ts';

export interface ComparisonContext {
  store: BatchStore;
  /** Called from time to time with the rows read so far, those of the batch first. */
  onProgress?: (rows: number) => void;
  signal: AbortSignal;
}

/**
 * Compares a manifest with the table of a batch, row by row and by all the user's cells or by a key; changes nothing. Keeps a
 * digest per distinct row and 4 bytes, never the rows. Throws when a chunk of the batch is missing from the store.
 * @throws ManifestError `unknown_column` for a key column that the manifest does not have.
 */
export async function compareWithBatch(
  context: ComparisonContext,
  manifest: Manifest,
  table: ContinuedTable,
  options: ComparisonOptions,
): Promise<Comparison> {
  if (options.key) findKeyColumns(manifest, options.key);
  const { comparison, displaced } = await compareAll(context, manifest, table, options);
  if (displaced.size === 0) return comparison;
  // A row further down still has the key and the video, and is the same row although one with its key is above it.
  return (await compareAll(context, manifest, table, options, displaced)).comparison;
}

async function compareAll(
  { store, onProgress, signal }: ComparisonContext,
  manifest: Manifest,
  table: ContinuedTable,
  options: ComparisonOptions,
  reserved?: RowSet,
): Promise<{ comparison: Comparison; displaced: RowSet }> {
  using comparer = new Comparer(manifest, table, options, reserved);
  for await (const { rows, standings } of table.read(comparer.nowMs)) {
    signal.throwIfAborted();
    rows.forEach((row, at) => {
      comparer.addKnown(row, standings[at] ?? null);
    });
    onProgress?.(rows.at(-1)?.row ?? 0);
  }
  for await (const rows of manifest.rows()) {
    signal.throwIfAborted();
    for (const row of rows) comparer.compare(row);
    await comparer.lookBack();
    onProgress?.(table.rows + (rows.at(-1)?.row ?? 0));
  }
  return { comparison: await comparer.finish(store), displaced: comparer.displaced };
}
