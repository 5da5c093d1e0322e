import { showValue } from '../../lib/core/manifest/show-value.ts';
import { columnIndex, type KeyColumns } from '../../lib/rows/row-key.ts';
import { ManifestError } from '../manifest/manifest-error.ts';
import type { Manifest } from '../manifest/open-manifest.ts';

/** @throws ManifestError `unknown_column` for a key column that the manifest does not have. */
export function findKeyColumns({ name, shape }: Manifest, key: KeyColumns): void {
  for (const wanted of key) {
    // The keys of JSON objects are known only after all of them have been read.
    if (shape.format === 'jsonl' || columnIndex(shape.columns, wanted) >= 0) continue;
    const columns = shape.columns.slice(0, 20).map((column) => `"${showValue(column)}"`);
    throw new ManifestError(
      'unknown_column',
      `${name} has no column "${showValue(wanted)}" for the key; the columns found are ${columns.join(', ')}.`,
      { columns: shape.columns },
    );
  }
}
