import type { Batch } from '../lib/core/batch.ts';
import { type ImportResult, importBatch } from '../producer/import-batch.ts';
import { ManifestError } from '../producer/manifest/manifest-error.ts';
import { type Manifest, openManifest } from '../producer/manifest/open-manifest.ts';
import { CliError, EXIT } from './exit.ts';
import type { ManifestFlags } from './options.ts';
import type { Stores } from './stores.ts';
import { formatCount } from './summary.ts';
import type { Terminal } from './terminal.ts';

/** @throws CliError (2) when the manifest as a whole cannot be used. */
export async function openManifestOrExit(
  input: string,
  flags: ManifestFlags,
  signal: AbortSignal,
): Promise<Manifest> {
  const { map, delimiter, format, sheet } = flags;
  try {
    return await openManifest(input, {
      mapping: map,
      ...(delimiter && { delimiter }),
      ...(format && { format }),
      ...(sheet !== undefined && { sheet }),
      signal,
    });
  } catch (error) {
    throw error instanceof ManifestError ? new CliError(EXIT.usage, error.message) : error;
  }
}

/** @throws CliError (2) when the id is taken by another manifest, or the manifest breaks off in the middle. */
export async function importOrExit(
  stores: Stores,
  manifest: Manifest,
  flags: ManifestFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<{ batch: Batch; wasFound: boolean }> {
  const result = await importManifest(stores, manifest, flags, terminal, signal);
  if (result.kind === 'imported') return result;
  throw new CliError(
    EXIT.usage,
    `Batch ${result.batchId} was made from another manifest or with other options. Choose another --batch id, or leave it out.`,
  );
}

async function importManifest(
  { store, queues }: Stores,
  manifest: Manifest,
  flags: ManifestFlags,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ImportResult> {
  const { batch, limit, strictFps, maxFailures, reuse, canary, priority } = flags;
  try {
    return await importBatch(
      {
        store,
        queues,
        now: Date.now,
        onProgress: (rows) => terminal.live(`Importing: ${formatCount(rows)} rows`),
        signal,
      },
      manifest,
      {
        strictFps,
        maxFailures,
        reuse,
        canaryRows: canary ?? null,
        priority,
        ...(batch !== undefined && { batchId: batch }),
        ...(limit !== undefined && { limit }),
      },
    );
  } catch (error) {
    throw error instanceof ManifestError ? new CliError(EXIT.usage, error.message) : error;
  }
}
