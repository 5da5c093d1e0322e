import type { ManifestRow, ManifestShape } from '../lib/core/manifest/manifest.ts';
import type { Source } from '../lib/core/manifest/source.ts';
import { videoIdentity } from '../lib/core/video/video-identity.ts';
import { createCellNormalizer } from './normalize-cells.ts';

/**
 * The cells that must be equal for a row to repeat another row of its manifest. A video's address is replaced by its
 * identity, so that two signatures of the same video are equal. `source`: what the row points at; `identity`: of its
 * address.
 */
export function comparableCells(
  shape: ManifestShape,
  row: ManifestRow,
  source: Source,
  identity = source.kind === 'url' ? videoIdentity(source.videoUrl) : '',
): readonly string[] {
  if (source.kind === 'kling') return row.cells;
  if (shape.format === 'jsonl') return comparableJson(shape, row, identity, source.videoUrl);
  const column = addressCell(shape);
  return row.cells[column] === identity ? row.cells : row.cells.with(column, identity);
}

/** The index of the cell that holds a row's address, unless rows are objects. */
export const addressCell = ({ columns, roles }: ManifestShape): number =>
  columns.indexOf(roles.video_url ?? '');

/** An object's text may not contain the address literally: some writers escape `/` and `&`. */
function comparableJson(
  shape: ManifestShape,
  row: ManifestRow,
  identity: string,
  videoUrl: string,
): readonly string[] {
  if (identity === videoUrl) return row.cells;
  const [json = ''] = row.cells;
  const bare = json.replace(videoUrl, () => identity);
  return bare === json ? createCellNormalizer(shape)(row) : [bare];
}
