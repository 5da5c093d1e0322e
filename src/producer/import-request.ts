import {
  arrangementsOf,
  type ImportRequest,
  type ReadingRequest,
} from '../lib/requests/import-request.ts';
import type { ImportOptions } from './import-batch.ts';
import type { OpenManifestOptions } from './manifest/open-manifest.ts';

type Reading = Pick<
  OpenManifestOptions,
  'mapping' | 'delimiter' | 'format' | 'sheet' | 'skipsHidden'
>;

/** How a manifest is to be read. */
export const readingOptions = ({
  map,
  delimiter,
  format,
  sheet,
  skipHidden,
}: ReadingRequest): Reading => ({
  mapping: map,
  ...(delimiter !== null && { delimiter }),
  ...(format !== null && { format }),
  ...(sheet !== null && { sheet }),
  ...(skipHidden && { skipsHidden: true }),
});

/** The processing options, for a batch that begins at `nowMs`. @throws what `machineZone` throws. */
export function importOptions(
  request: Omit<ImportRequest, keyof ReadingRequest>,
  nowMs: number,
  machineZone: () => string,
): ImportOptions {
  const { batch, limit, strictFps, maxFailures, reuse, canary, priority, maxSessions, mends } =
    request;
  return {
    strictFps,
    maxFailures,
    reuse,
    trialRows: canary,
    priority,
    arrangements: arrangementsOf(request, nowMs, machineZone),
    ...(batch !== null && { batchId: batch }),
    ...(limit !== null && { limit }),
    ...(mends !== null && { mends }),
    ...(maxSessions !== null && { maxSessions }),
  };
}
