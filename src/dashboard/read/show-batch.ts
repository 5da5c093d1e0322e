import type { Batch } from '../../lib/core/batch/batch.ts';
import type { BatchView } from '../api/api-schemas.ts';

export const showBatch = (batch: Batch): BatchView => ({
  ...batch,
  format: batch.shape.format,
  schedule: batch.arrangements.schedule,
  tags: batch.arrangements.tags,
  window: batch.arrangements.window,
  finishBy: batch.arrangements.finishBy,
  after: batch.lineage?.after ?? null,
  key: batch.key && [...batch.key],
});
