import { IMPORT_OPTIONS } from '../../lib/requests/import-request.ts';
import { parseRequest } from '../../lib/requests/option.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { importOptions, readingOptions } from '../../producer/import-request.ts';
import { openManifest } from '../../producer/manifest/open-manifest.ts';
import { addressGuard } from '../wiring/address-guard.ts';
import { findProxyOf } from '../wiring/proxies.ts';
import { continueTable } from './continue-table.ts';
import type { ImportOptions } from './import-options.ts';
import { type ImportTableContext, importTable } from './import-table.ts';
import type { ImportedBatch } from './imported-batch.ts';
import { manifestInputOf } from './manifest-input.ts';
import type { ManifestSource } from './manifest-source.ts';

/** See `Connection.importManifest`. */
export async function importManifest(
  context: ImportTableContext & { settings: Settings },
  source: ManifestSource,
  options: ImportOptions,
): Promise<ImportedBatch> {
  const { settings, machineZone, signal } = context;
  const request = parseRequest(IMPORT_OPTIONS, { ...options });
  await using manifest = await openManifest(manifestInputOf(source), {
    ...readingOptions(isOfRows(source) ? { ...request, format: 'jsonl' } : request),
    guard: addressGuard(settings, 'MANIFEST_ALLOW_HOSTS'),
    findProxy: findProxyOf(settings),
    signal,
  });
  const continued = await continueTable(
    context,
    manifest,
    importOptions(request, Date.now(), machineZone),
    { continues: request.continue, key: request.key, isFresh: false, origin: null },
  );
  const { batch, found } = await importTable(context, manifest, request, continued.options);
  return {
    batchId: batch.id,
    state: batch.state,
    rows: batch.rows,
    found,
    remarks: [...manifest.notes, ...continued.sentences],
  };
}

const isOfRows = (source: ManifestSource): boolean =>
  typeof source !== 'string' && 'rows' in source;
