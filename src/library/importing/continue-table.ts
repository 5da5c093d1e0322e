import { listWorkers } from '../../lib/store/redis/worker-registry.ts';
import {
  type ContinuationContext,
  type ContinuationRequest,
  type Continued,
  findContinued,
} from '../../producer/continuing/continue-import.ts';
import type { ImportOptions } from '../../producer/import-options.ts';
import type { Manifest } from '../../producer/manifest/open-manifest.ts';
import { BatchError } from '../errors/batch-error.ts';
import type { ImportTableContext } from './import-table.ts';

type Context = Pick<ImportTableContext, 'stores' | 'who' | 'onProgress' | 'signal'> &
  Pick<ContinuationContext, 'confirm' | 'confirmCalls' | 'confirmAnew'>;

/**
 * Finds what an import continues. A batch that is still running ends first.
 * @throws BatchError `cannot_continue`; ManifestError.
 */
export async function continueTable(
  { stores, who, onProgress, confirm, confirmCalls, confirmAnew, signal }: Context,
  manifest: Manifest,
  options: ImportOptions,
  request: ContinuationRequest,
): Promise<Exclude<Continued, { kind: 'refused' }>> {
  const context = {
    ...stores,
    now: Date.now,
    countWorkers: async () => (await listWorkers(stores.redis, stores.keys)).length,
    who,
    signal,
    ...(onProgress && { onProgress }),
    ...(confirm && { confirm }),
    ...(confirmCalls && { confirmCalls }),
    ...(confirmAnew && { confirmAnew }),
  };
  const continued = await findContinued(context, manifest, options, request, context);
  if (continued.kind !== 'refused') return continued;
  throw new BatchError('cannot_continue', request.continues, continued.sentence);
}
