import type { ManifestRow, ManifestShape } from '../lib/core/manifest/manifest.ts';
import type { Source } from '../lib/core/manifest/source.ts';
import { videoIdentity } from '../lib/core/video/video-identity.ts';
import { createCellNormalizer } from './normalize-cells.ts';

/**
 * The cells by which a row repeats another row of its manifest: as they are, but a video's address by its identity, so
 * that the same video signed twice is the same. `source`: what the row points at; `identity`: of its address.
 */
export function comparableCells(
  shape: ManifestShape,
  row: ManifestRow,
  source: Source,
  identity = source.kind === 'url' ? videoIdentity(source.videoUrl) : '',
): readonly string[] {
  if (source.kind === 'kling' || identity === source.videoUrl) return row.cells;
  if (shape.format === 'jsonl') return comparableJson(shape, row, identity, source.videoUrl);
  const column = shape.columns.indexOf(shape.roles.video_url ?? '');
  return row.cells.with(column, identity);
}

/** An object's text need not hold the address as it is: some writers escape `/` and `&`. */
function comparableJson(
  shape: ManifestShape,
  row: ManifestRow,
  identity: string,
  videoUrl: string,
): readonly string[] {
  const [json = ''] = row.cells;
  const bare = json.replace(videoUrl, () => identity);
  return bare === json ? createCellNormalizer(shape)(row) : [bare];
}
