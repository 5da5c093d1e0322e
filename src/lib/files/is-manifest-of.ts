import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Batch } from '../core/batch/batch.ts';
import { originOf } from './origin-of.ts';

/**
 * Whether a file is the manifest that a batch was made of: it has the same bytes, or the same path, as people go on
 * writing in their tables. A report must not replace it. False for what is no regular file, or cannot be read.
 */
export async function isManifestOf(
  path: string,
  { manifestSha256, origin }: Pick<Batch, 'manifestSha256' | 'origin'>,
): Promise<boolean> {
  try {
    // Not of a device or a pipe, which may never end.
    if (!(await stat(path)).isFile()) return false;
    if (origin !== null && (await originOf(path)) === origin) return true;
    const hash = createHash('sha256');
    for await (const bytes of createReadStream(path)) hash.update(bytes);
    return hash.digest('hex') === manifestSha256;
  } catch {
    return false;
  }
}
