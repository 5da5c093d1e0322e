import { type BatchStatus, readBatchStatus } from '../../lib/batch/batch-status.ts';
import { canSucceedOnRetry } from '../../lib/core/manifest/row-defects.ts';
import type { ErrorCount } from '../../lib/store/batch-store.ts';
import type { BatchStatusView, ErrorListView } from '../api/api-schemas.ts';
import type { DashboardPorts } from '../ports.ts';
import { showBatch } from './show-batch.ts';

/** Codes that are counted one by one; others are too rare to list. */
const LISTED_ERRORS = 200;

/** For a batch that exists. */
export const readStatusView = async (ports: DashboardPorts, id: string): Promise<BatchStatusView> =>
  showStatus(await readBatchStatus(ports, id));

export const showStatus = (status: BatchStatus): BatchStatusView => ({
  ...status,
  batch: showBatch(status.batch),
  errors: status.errors.map(showError),
});

/** Most frequent first. */
export const readErrors = async (
  { store }: DashboardPorts,
  id: string,
): Promise<ErrorListView> => ({
  errors: (await store.readErrors(id, LISTED_ERRORS)).map(showError),
});

const showError = (error: ErrorCount): ErrorListView['errors'][number] => ({
  ...error,
  canBeRetried: canSucceedOnRetry(error.code),
});
