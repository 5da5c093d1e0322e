import type { Batch } from '../../lib/core/batch/batch.ts';
import { explainUnread } from '../../lib/core/batch/explain-unread.ts';
import { formatRows } from '../../lib/core/in-words.ts';
import type { ImportRequest } from '../../lib/requests/import-request.ts';
import { type Found, type ImportFailure, importBatch } from '../../producer/import-batch.ts';
import type { ImportOptions } from '../../producer/import-options.ts';
import { importOptions } from '../../producer/import-request.ts';
import type { Manifest } from '../../producer/manifest/open-manifest.ts';
import { BatchError } from '../errors/batch-error.ts';
import { findBatch } from '../find-batch.ts';
import type { Stores } from '../wiring/stores.ts';

export interface ImportTableContext {
  stores: Stores;
  /** Who imports it, for the history of the batch. */
  who: string;
  /** @throws UnusableRequest when this machine's time zone has no name. */
  machineZone: () => string;
  /** Called after each stored chunk with the rows read so far. */
  onProgress?: (rows: number) => void;
  signal: AbortSignal;
}

/**
 * Stores a table's rows as a batch and has them dispatched. `more`: what it continues, or which of its rows are picked.
 * May run twice, see `importBatch`.
 * @throws BatchError `batch_not_found` when the batch to mend does not exist, `batch_conflict`, `selection_changed`,
 *   `import_interrupted`; ManifestError; UnusableRequest.
 */
export async function importTable(
  { stores, who, machineZone, onProgress, signal }: ImportTableContext,
  manifest: Manifest,
  request: ImportRequest,
  more: Partial<ImportOptions> = {},
): Promise<{ batch: Batch; found: Found }> {
  if (request.mends !== null) await findBatch(stores.store, request.mends);
  const options = { ...importOptions(request, Date.now(), machineZone), ...more };
  const { store, repair, steering, keyIndex, queues } = stores;
  const result = await importBatch(
    {
      ...{ store, repair, steering, keyIndex, queues },
      ...{ now: Date.now, who, signal },
      ...(onProgress && { onProgress }),
    },
    manifest,
    options,
  );
  if (result.kind !== 'imported') throw refusalOf(result);
  await noteImport(stores, result, who);
  return result;
}

function refusalOf(result: ImportFailure): BatchError {
  const { batchId } = result;
  switch (result.kind) {
    case 'interrupted':
      return new BatchError('import_interrupted', batchId, explainInterruption(result));
    case 'conflict':
      return new BatchError(
        'batch_conflict',
        batchId,
        `Batch ${batchId} was made from another manifest or with other options. Choose another --batch id, or leave it out.`,
      );
    case 'selection_changed':
      return new BatchError(
        'selection_changed',
        batchId,
        `The import of batch ${batchId} was interrupted, and the batch it was compared with has changed since then, so the import cannot continue. Cancel it, then choose another --batch id.`,
      );
  }
}

function explainInterruption({
  batchId,
  batch,
}: Extract<ImportFailure, { kind: 'interrupted' }>): string {
  if (batch === null) {
    return `Batch ${batchId} was removed during its import, so none of its rows are stored. Repeat the command to import it again.`;
  }
  const why = batch.stateReason === null ? '' : ` (${batch.stateReason})`;
  return `Batch ${batchId} was cancelled during its import${why}. ${explainUnread(batch) ?? ''}`;
}

/** For the batch's history. */
async function noteImport(
  { steering }: Stores,
  { batch, found }: { batch: Batch; found: Found },
  who: string,
): Promise<void> {
  const { rows, name, createdAtMs } = batch;
  if (found === 'all') return;
  const entry =
    found === 'nothing'
      ? { atMs: createdAtMs, what: `imported ${formatRows(rows)} from ${name}` }
      : { atMs: Date.now(), what: `finished the import of ${formatRows(rows)} from ${name}` };
  await steering.addHistory(batch, { ...entry, who, reason: null });
}
