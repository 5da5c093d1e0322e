import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Batch } from '../core/batch/batch.ts';
import { originOf } from './origin-of.ts';

/**
 * Whether a file is the manifest that a batch was made of, which a report must not replace. It has the same bytes, or
 * the same path, because people continue to edit their tables. False for anything but a readable regular file.
 */
export async function isManifestOf(
  path: string,
  { manifestSha256, origin }: Pick<Batch, 'manifestSha256' | 'origin'>,
): Promise<boolean> {
  try {
    // A device or a pipe is not read, because it may never end.
    if (!(await stat(path)).isFile()) return false;
    if (origin !== null && (await originOf(path)) === origin) return true;
    const hash = createHash('sha256');
    for await (const bytes of createReadStream(path)) hash.update(bytes);
    return hash.digest('hex') === manifestSha256;
  } catch {
    return false;
  }
}
