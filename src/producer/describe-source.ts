import {
  MANIFEST_ROLES,
  type ManifestRow,
  type ManifestShape,
} from '../lib/core/manifest/manifest.ts';
import { type RoleValues, readRoleValues } from '../lib/core/manifest/row-values.ts';
import { showValue } from '../lib/core/manifest/show-value.ts';

/** The source of a row for a list of rows: without credentials, cut to 120 characters each. */
export function describeSource(shape: ManifestShape, row: ManifestRow): string {
  const values = readValues(shape, row);
  const texts = MANIFEST_ROLES.filter((role) => role !== 'video_created_at').flatMap((role) => {
    const value = values[role];
    return value?.kind === 'text' ? [showValue(value.text)] : [];
  });
  return texts.length > 0 ? texts.join(' ') : showValue(row.cells.join(' '));
}

function readValues(shape: ManifestShape, row: ManifestRow): RoleValues {
  try {
    return readRoleValues(shape, row);
  } catch {
    return {};
  }
}
