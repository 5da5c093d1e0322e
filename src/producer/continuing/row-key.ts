import { trimInvisible } from '../../lib/core/manifest/invisible.ts';
import type { ManifestRow, ManifestShape } from '../../lib/core/manifest/manifest.ts';
import { showValue } from '../../lib/core/manifest/show-value.ts';
import { userCells } from '../../lib/report/user-cells.ts';
import { ManifestError } from '../manifest/manifest-error.ts';
import type { Manifest } from '../manifest/open-manifest.ts';

/** @throws ManifestError `unknown_column` for a key column that the manifest does not have. */
export function findKeyColumns({ name, shape }: Manifest, key: readonly string[]): void {
  for (const wanted of key) {
    // The keys of objects are known only when all of them have been read.
    if (shape.format === 'jsonl' || indexOf(shape.columns, wanted) >= 0) continue;
    const columns = shape.columns.slice(0, 20).map((column) => `"${showValue(column)}"`);
    throw new ManifestError(
      'unknown_column',
      `${name} has no column "${showValue(wanted)}", which was to be a key; the columns found are ${columns.join(', ')}.`,
      { columns: shape.columns },
    );
  }
}

/** What a row holds in its key columns, without white space around it; null when that is nothing. */
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

/** By its name, in whatever case of letters. */
function indexOf(columns: readonly string[], wanted: string): number {
  const exact = columns.indexOf(wanted);
  if (exact >= 0) return exact;
  return columns.findIndex((column) => plain(column) === plain(wanted));
}

const plain = (name: string): string => trimInvisible(name).toLowerCase();
