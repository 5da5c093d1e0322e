import type { SuccessionContext } from '../../../lib/batch/end-for-successor.ts';
import { type Batch, isEnded } from '../../../lib/core/batch/batch.ts';
import { explainUnread } from '../../../lib/core/batch/explain-unread.ts';
import { formatCount, formatRows } from '../../../lib/core/in-words.ts';
import type { ImportRequest, ReadingRequest } from '../../../lib/requests/import-request.ts';
import type { Settings } from '../../../lib/settings/settings.ts';
import { listWorkers } from '../../../lib/store/redis/worker-registry.ts';
import {
  type ContinuationContext,
  type ContinuationMeans,
  type ContinuationRequest,
  type Continued,
  findContinued,
} from '../../../producer/continuing/continue-import.ts';
import {
  type Found,
  type ImportOptions,
  type ImportResult,
  importBatch,
} from '../../../producer/import-batch.ts';
import { importOptions, readingOptions } from '../../../producer/import-request.ts';
import { ManifestError } from '../../../producer/manifest/manifest-error.ts';
import { type Manifest, openManifest } from '../../../producer/manifest/open-manifest.ts';
import { machineZone } from '../../options/machine-zone.ts';
import { askFirst, canAsk } from '../../process/ask.ts';
import { CliError, EXIT } from '../../process/exit.ts';
import { SmallHeap } from '../../process/small-heap.ts';
import type { Terminal } from '../../process/terminal.ts';
import { whoAmI } from '../../process/who.ts';
import { findProxyOf } from '../../wiring/proxies.ts';
import type { Stores } from '../../wiring/stores.ts';
import { findBatch } from '../find-batch.ts';
import { foreseeContinuing } from './foresee-continuing.ts';

/** @throws CliError (2) when the manifest as a whole is unusable. */
export async function openManifestOrExit(
  input: string,
  request: ReadingRequest,
  settings: Settings,
  signal: AbortSignal,
): Promise<Manifest> {
  try {
    return await openManifest(input, {
      ...readingOptions(request),
      findProxy: findProxyOf(settings),
      signal,
    });
  } catch (error) {
    exitOnManifestError(error);
  }
}

/** @throws CliError (2) for a defect of the manifest as a whole, otherwise the error itself. */
export function exitOnManifestError(error: unknown): never {
  throw error instanceof ManifestError ? new CliError(EXIT.usage, error.message) : error;
}

/**
 * @throws CliError (2) when another manifest has the id, the batch to mend does not exist, other rows are picked than
 *   when the import began, or the manifest ends in the middle; (130) when the batch is cancelled or removed during
 *   the import.
 */
export async function importOrExit(
  stores: Stores,
  manifest: Manifest,
  request: ImportRequest,
  terminal: Terminal,
  signal: AbortSignal,
  more: Partial<ImportOptions> = {},
): Promise<{ batch: Batch; found: Found }> {
  if (request.mends !== null) await findBatch(stores.store, request.mends);
  using heap = new SmallHeap();
  const options = { ...importOptions(request, Date.now(), machineZone), ...more };
  const context = {
    store: stores.store,
    repair: stores.repair,
    steering: stores.steering,
    queues: stores.queues,
    now: Date.now,
    onProgress: (rows: number) => {
      heap.check();
      terminal.live(`Importing: ${formatCount(rows)} rows`);
    },
    signal,
  };
  const result = await importBatch(context, manifest, options).catch(exitOnManifestError);
  switch (result.kind) {
    case 'imported':
      await noteImport(stores, result);
      return result;
    case 'interrupted':
      throw new CliError(EXIT.interrupted, explainInterruption(result));
    case 'conflict':
      throw new CliError(
        EXIT.usage,
        `Batch ${result.batchId} was made from another manifest or with other options. Choose another --batch id, or leave it out.`,
      );
    case 'selection_changed':
      throw new CliError(
        EXIT.usage,
        `The import of batch ${result.batchId} was interrupted, and the batch it was compared with has changed since then, so the import cannot continue. Cancel it, then choose another --batch id.`,
      );
  }
}

function explainInterruption({
  batchId,
  batch,
}: Extract<ImportResult, { kind: 'interrupted' }>): string {
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
): Promise<void> {
  const { rows, name, createdAtMs } = batch;
  if (found === 'all') return;
  const entry =
    found === 'nothing'
      ? { atMs: createdAtMs, what: `imported ${formatRows(rows)} from ${name}` }
      : { atMs: Date.now(), what: `finished the import of ${formatRows(rows)} from ${name}` };
  await steering.addHistory(batch, { ...entry, who: whoAmI(), reason: null });
}

/** What an import found, for a person; null if it created the batch. */
export function describeFound(
  { id, state, rows, cancelledAtMs }: Batch,
  found: Found,
): string | null {
  const again =
    cancelledAtMs === null || !isEnded(state)
      ? ''
      : ` Its rows are cancelled; \`kling-sessions retry ${id} --status cancelled\` runs them.`;
  switch (found) {
    case 'nothing':
      return null;
    case 'part':
      return `The import of batch ${id} was interrupted before. Now all of its ${formatRows(rows)} ${rows === 1 ? 'is' : 'are'} stored.${again}`;
    case 'all':
      return `This manifest was imported before; batch ${id} is ${state}.${again}`;
  }
}

export interface ContinuationTask {
  stores: Stores;
  manifest: Manifest;
  options: ImportOptions;
  request: ContinuationRequest;
  terminal: Terminal;
  signal: AbortSignal;
  /** Asks before live sessions are doubled or many rows end. Default false. */
  asks?: boolean;
}

/**
 * Finds what an import continues. A batch that is still running ends first.
 * @throws CliError (2) if that is not possible, or there is no such batch.
 */
export async function continueOrExit({
  stores,
  manifest,
  options,
  request,
  terminal,
  signal,
  asks = false,
}: ContinuationTask): Promise<Exclude<Continued, { kind: 'refused' }>> {
  const context: ContinuationContext & SuccessionContext = {
    ...stores,
    now: Date.now,
    countWorkers: async () => (await listWorkers(stores.redis, stores.keys)).length,
    who: whoAmI(),
    onProgress: (rows) => terminal.live(`Comparing: ${formatCount(rows)} rows`),
    signal,
    ...(asks &&
      canAsk(terminal) && {
        confirm: async (batch: Batch, means: ContinuationMeans) => {
          const foreseen = await foreseeContinuing(stores.store, batch, means, Date.now());
          if (foreseen.isWeighty)
            await askFirst(terminal, `${foreseen.sentences.join(' ')}\nGo on?`);
        },
      }),
  };
  const continued = await findContinued(context, manifest, options, request, context).catch(
    exitOnManifestError,
  );
  if (continued.kind === 'refused') throw new CliError(EXIT.usage, continued.sentence);
  return continued;
}
