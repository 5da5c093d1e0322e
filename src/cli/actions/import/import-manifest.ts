import { type Batch, isEnded } from '../../../lib/core/batch/batch.ts';
import { formatRows } from '../../../lib/core/in-words.ts';
import type { ImportRequest, KeyedReading } from '../../../lib/requests/import-request.ts';
import type { Settings } from '../../../lib/settings/settings.ts';
import { continueTable } from '../../../library/importing/continue-table.ts';
import { importTable } from '../../../library/importing/import-table.ts';
import { findProxyOf } from '../../../library/wiring/proxies.ts';
import type { Stores } from '../../../library/wiring/stores.ts';
import { whoAmI } from '../../../library/wiring/who.ts';
import type {
  ContinuationMeans,
  ContinuationRequest,
  Continued,
  NewCalls,
} from '../../../producer/continuing/continue-import.ts';
import type { Found } from '../../../producer/import-batch.ts';
import type { ImportOptions } from '../../../producer/import-options.ts';
import { readingOptions } from '../../../producer/import-request.ts';
import { type Manifest, openManifest } from '../../../producer/manifest/open-manifest.ts';
import { machineZone } from '../../options/machine-zone.ts';
import { askFirst, canAsk } from '../../process/ask.ts';
import { SmallHeap } from '../../process/small-heap.ts';
import type { Terminal } from '../../process/terminal.ts';
import { foreseeCalls, foreseeContinuing } from './foresee-continuing.ts';

/** Opens the manifest that a person named: `-` is standard input. @throws ManifestError */
export async function openNamedManifest(
  input: string,
  request: KeyedReading,
  settings: Settings,
  signal: AbortSignal,
): Promise<Manifest> {
  return await openManifest(input === '-' ? { stream: process.stdin, ...STDIN } : input, {
    ...readingOptions(request),
    findProxy: findProxyOf(settings),
    signal,
  });
}

const STDIN = { label: 'standard input', name: 'stdin' };

/** Shows progress. @throws what `importTable` throws. */
export async function importManifest(
  stores: Stores,
  manifest: Manifest,
  request: ImportRequest,
  terminal: Terminal,
  signal: AbortSignal,
  more: Partial<ImportOptions> = {},
): Promise<{ batch: Batch; found: Found }> {
  using heap = new SmallHeap();
  const onProgress = (rows: number): void => {
    heap.check();
    terminal.live(`Importing: ${formatRows(rows)}`);
  };
  const context = { stores, who: whoAmI(), machineZone, onProgress, signal };
  return await importTable(context, manifest, request, more);
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

/** After a no to calls that are known only by comparing. `ended`: what had to end before. */
function describeDeclined(ended: readonly Batch[]): string {
  const commands = ended.map(
    ({ id }) => ` ${id} has ended; \`kling-sessions retry ${id} --status cancelled\` resumes it.`,
  );
  return ended.length === 0
    ? 'Nothing was changed.'
    : `No new batch was created.${commands.join('')}`;
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

/** Shows progress. @throws what `continueTable` throws. */
export async function continueManifest({
  stores,
  manifest,
  options,
  request,
  terminal,
  signal,
  asks = false,
}: ContinuationTask): Promise<Exclude<Continued, { kind: 'refused' }>> {
  const confirm = async (batch: Batch, means: ContinuationMeans): Promise<void> => {
    const foreseen = await foreseeContinuing(stores.store, batch, means, Date.now());
    if (foreseen.isWeighty) await askFirst(terminal, `${foreseen.sentences.join(' ')}\nContinue?`);
  };
  const confirmCalls = async (batch: Batch, { calls, ending }: NewCalls): Promise<void> => {
    const sentence = await foreseeCalls(stores.store, batch, calls, Date.now());
    if (sentence !== null) {
      await askFirst(terminal, `${sentence}\nContinue?`, describeDeclined(ending));
    }
  };
  const confirmAnew = async (sentence: string): Promise<void> =>
    await askFirst(terminal, `${sentence}\nOpen new sessions?`);
  const context = {
    stores,
    who: whoAmI(),
    onProgress: (rows: number) => terminal.live(`Comparing: ${formatRows(rows)}`),
    signal,
    ...(asks && canAsk(terminal) && { confirm, confirmCalls, confirmAnew }),
  };
  return await continueTable(context, manifest, options, request);
}
