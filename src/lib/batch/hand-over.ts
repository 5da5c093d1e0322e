import type { Batch } from '../core/batch/batch.ts';
import { sourceOf } from '../core/manifest/check-row.ts';
import type { ManifestRow } from '../core/manifest/manifest.ts';
import type { PendingState } from '../core/row/row.ts';
import type { RowProgress } from '../core/row/row-progress.ts';
import { type RowJob, rowJobOf } from '../queue/jobs.ts';

/** A row to be queued for a stage. */
export interface Handover {
  job: RowJob;
  stage: 'probe' | 'init-selection';
  /** The row's state after that. */
  state: PendingState;
}

/**
 * Null for a row that names no video; its outcome was recorded at import. Rows are not checked again: a rule newer
 * than their import would leave them waiting for ever.
 */
export function handoverOf(
  batch: Batch,
  row: ManifestRow,
  progress: RowProgress | null,
): Handover | null {
  const source = sourceOf(batch.shape, row);
  if (source === null) return null;
  const job = rowJobOf(batch, row.row, source);
  if (source.kind === 'kling') return { job, stage: 'init-selection', state: 'ready' };
  // A row that was probed before it was returned need not be probed again.
  const stage = progress !== null && isProbed(progress) ? 'init-selection' : 'probe';
  return { job, stage, state: 'probing' };
}

const isProbed = ({ video, state }: RowProgress): boolean =>
  video !== null || state === 'ready' || state === 'opening';
