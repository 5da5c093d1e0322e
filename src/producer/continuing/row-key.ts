import { trimInvisible } from '../../lib/core/manifest/invisible.ts';
import type { ManifestRow, ManifestShape } from '../../lib/core/manifest/manifest.ts';
import { showValue } from '../../lib/core/manifest/show-value.ts';
import { userCells } from '../../lib/report/user-cells.ts';
import { ManifestError } from '../manifest/manifest-error.ts';
import type { Manifest } from '../manifest/open-manifest.ts';

/** @throws ManifestError `unknown_column` for a key column that the manifest does not have. */
export function findKeyColumns({ name, shape }: Manifest, key: readonly string[]): void {
  for (const wanted of key) {
    // The keys of JSON objects are known only after all of them have been read.
    if (shape.format === 'jsonl' || indexOf(shape.columns, wanted) >= 0) continue;
    const columns = shape.columns.slice(0, 20).map((column) => `"${showValue(column)}"`);
    throw new ManifestError(
      'unknown_column',
      `${name} has no column "${showValue(wanted)}" for the key; the columns found are ${columns.join(', ')}.`,
      { columns: shape.columns },
    );
  }
}

/** Reads a row's key columns, without white space around the values; null if they are empty. */
export function createKeyReader(
  shape: ManifestShape,
  key: readonly string[],
): (row: ManifestRow) => string[] | null {
  let indexes: number[] = [];
  let knownColumns = -1;
  return (row) => {
    if (knownColumns !== shape.columns.length) {
      indexes = key.map((wanted) => indexOf(shape.columns, wanted));
      knownColumns = shape.columns.length;
    }
    const cells = userCells(shape, row);
    const values = indexes.map((index) => trimInvisible(cells[index] ?? ''));
    return values.every((value) => value === '') ? null : values;
  };
}

/** Finds a column by its name, in upper or lower case. */
function indexOf(columns: readonly string[], wanted: string): number {
  const exact = columns.indexOf(wanted);
  if (exact >= 0) return exact;
  return columns.findIndex((column) => plain(column) === plain(wanted));
}

const plain = (name: string): string => trimInvisible(name).toLowerCase();
