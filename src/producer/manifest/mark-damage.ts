import type { ManifestRow, ManifestShape } from '../../lib/core/manifest/manifest.ts';
import { findDamagedId, type IdDamage, type IdPair } from '../../lib/core/manifest/rounded-ids.ts';
import { readRoleValues } from '../../lib/core/manifest/row-values.ts';

/** A row whose ids have lost digits counts as unreadable. */
export function markDamage(
  row: ManifestRow,
  shape: ManifestShape,
  damage: IdDamage | null,
): ManifestRow {
  if (damage === null || row.defect) return row;
  const defect = findDamagedId(idsOf(shape, row), damage, { line: row.line, columns: shape.roles });
  return defect === null ? row : { ...row, defect };
}

/** Empty if there is none, or if it is not a text. */
export function idsOf(shape: ManifestShape, row: ManifestRow): IdPair {
  if (row.defect) return { videoId: '', taskId: '' };
  const { video_id: video, task_id: task } = readRoleValues(shape, row);
  return {
    videoId: video?.kind === 'text' ? video.text : '',
    taskId: task?.kind === 'text' ? task.text : '',
  };
}
