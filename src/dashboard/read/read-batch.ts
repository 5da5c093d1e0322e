import { takePicture } from '../../lib/batch-picture.ts';
import { mayGoRight } from '../../lib/core/row-defects.ts';
import type { ErrorCount } from '../../lib/store/batch-store.ts';
import type { ErrorListView, HistoryView, PictureView } from '../api/api-schemas.ts';
import type { DashboardPorts } from '../ports.ts';
import { showBatch } from './show-batch.ts';

/** Codes that are counted one by one; the rest is too rare to be listed. */
const LISTED_ERRORS = 200;

/** Of a batch that exists. */
export async function readPicture(ports: DashboardPorts, id: string): Promise<PictureView> {
  const picture = await takePicture(ports, id);
  return {
    ...picture,
    batch: showBatch(picture.batch),
    errors: picture.errors.map(showError),
  };
}

/** Most frequent first. */
export const readErrors = async (
  { store }: DashboardPorts,
  id: string,
): Promise<ErrorListView> => ({
  errors: (await store.readErrors(id, LISTED_ERRORS)).map(showError),
});

const showError = (error: ErrorCount): ErrorListView['errors'][number] => ({
  ...error,
  canBeRetried: mayGoRight(error.code),
});

/** Newest first. */
export const readHistory = async (
  { steering }: DashboardPorts,
  id: string,
): Promise<HistoryView> => ({ entries: await steering.readHistory(id) });
