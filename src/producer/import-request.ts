import { fillInDates } from '../lib/core/schedule/path-dates.ts';
import {
  arrangementsOf,
  type ImportRequest,
  type KeyedReading,
  keepAliveOf,
  type ReadingRequest,
} from '../lib/requests/import-request.ts';
import type { ImportOptions } from './import-options.ts';
import type { OpenManifestOptions } from './manifest/open-manifest.ts';

type Reading = Pick<
  OpenManifestOptions,
  'mapping' | 'delimiter' | 'format' | 'sheet' | 'skipsHidden' | 'key'
>;

/** How to read a manifest. */
export const readingOptions = ({
  map,
  delimiter,
  format,
  sheet,
  skipHidden,
  key,
}: KeyedReading): Reading => ({
  mapping: map,
  ...(delimiter !== null && { delimiter }),
  ...(format !== null && { format }),
  ...(sheet !== null && { sheet }),
  ...(skipHidden && { skipsHidden: true }),
  ...(key && { key }),
});

/** With the date of `nowMs`. */
const dated = (place: string, nowMs: number, zone: () => string): string =>
  place.includes('{') ? fillInDates(place, nowMs, zone()) : place;

/** The processing options, for a batch that begins at `nowMs`. @throws what `machineZone` throws. */
export function importOptions(
  request: Omit<ImportRequest, keyof ReadingRequest>,
  nowMs: number,
  machineZone: () => string,
): ImportOptions {
  const { batch, limit, strictFps, maxFailures, reuse, canary, priority, maxSessions } = request;
  const { mends, key, out } = request;
  const keepAlive = keepAliveOf(request, nowMs, machineZone);
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
    ...(key !== null && { key }),
    ...(maxSessions !== null && { maxSessions }),
    ...(keepAlive !== null && { keepAlive }),
    ...(out !== null && { report: dated(out, nowMs, () => request.tz ?? machineZone()) }),
  };
}
