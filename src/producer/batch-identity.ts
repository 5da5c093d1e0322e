import { createHash } from 'node:crypto';
import type { ImportOptions } from './import-options.ts';
import type { Manifest } from './manifest/open-manifest.ts';

/** The id of an import with these options; the same import always has the same id. */
export const batchIdOf = (manifest: Manifest, options: ImportOptions): string =>
  options.batchId ?? idOf(manifest, identify(manifest, options));

/** Made from the manifest's name and the identity. */
export const idOf = ({ name }: Manifest, identity: string): string =>
  `${slug(name)}-${identity.slice(0, 8)}`;

/**
 * The identity of an import: the file, how it is read, how its rows are judged, and its purpose. The rows that a
 * comparison selects are not part of it: the other batch may be retried meanwhile, and repeating the command must not
 * repeat calls.
 */
export function identify(manifest: Manifest, options: ImportOptions): string {
  const { format, delimiter, roles } = manifest.shape;
  const { batchId, limit, strictFps, maxFailures, reuse, trialRows, mends, selection } = options;
  const { lineage = null } = options;
  return createHash('sha256')
    .update(
      JSON.stringify([
        manifest.sha256,
        format,
        delimiter,
        roles,
        batchId ?? null,
        limit ?? null,
        strictFps,
        maxFailures,
        reuse,
        trialRows,
        manifest.sheet,
        mends ?? null,
        selection ? [selection.comparedWith, selection.kinds.toSorted()] : null,
        ...(manifest.skipsHidden ? ['skip_hidden'] : []),
        ...(lineage === null ? [] : [[lineage.after, lineage.isFresh]]),
      ]),
    )
    .digest('hex');
}

/** Letters, digits and dashes from the beginning of the manifest's name; `batch` if there are none. */
function slug(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return /[a-z]/.test(plain) ? plain : `batch${plain && `-${plain}`}`;
}
