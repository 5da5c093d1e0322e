import {
  MANIFEST_ROLES,
  type ManifestRow,
  type ManifestShape,
} from '../../lib/core/manifest/manifest.ts';
import { readRoleValues } from '../../lib/core/manifest/row-values.ts';
import { createKeyReader, type KeyColumns } from '../../lib/rows/row-key.ts';

const FOREIGN = /\P{ASCII}/u;

/**
 * Whether a source or a key is not ASCII. Read in the wrong encoding, it would be the address of another video, or the
 * key of another row.
 */
export async function hasForeignSources(
  batches: AsyncIterable<ManifestRow[]>,
  shape: ManifestShape,
  key: KeyColumns,
): Promise<boolean> {
  const keyOf = createKeyReader(shape, key);
  for await (const rows of batches) {
    const isForeign = (row: ManifestRow): boolean =>
      sourcesOf(shape, row).some((text) => FOREIGN.test(text)) ||
      (key.length > 0 && (keyOf(row) ?? []).some((text) => FOREIGN.test(text)));
    if (rows.some((row) => row.defect === undefined && isForeign(row))) return true;
  }
  return false;
}

function sourcesOf(shape: ManifestShape, row: ManifestRow): string[] {
  const values = readRoleValues(shape, row);
  return MANIFEST_ROLES.flatMap((role) => {
    const value = values[role];
    return value?.kind === 'text' ? [value.text] : [];
  });
}
