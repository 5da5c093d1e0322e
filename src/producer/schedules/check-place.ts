import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';
import { ManifestError } from '../manifest/manifest-error.ts';

/**
 * Files that the system provides there, such as `/proc/self/environ`, reveal this process and its keys; container
 * engines put keys into the last folder.
 */
export const SYSTEM_FOLDERS = ['/proc', '/sys', '/dev', '/run/secrets'];

/**
 * Refuses a file that schedules must not read, or a folder that they must not search, wherever links lead. A missing
 * file passes, because opening it reports that. `folders`: allowed folders; empty allows any except the system's own.
 * @throws ManifestError `unreadable`.
 */
export async function checkPlace(path: string, folders: readonly string[]): Promise<void> {
  const real = await realpath(path).catch(() => null);
  if (real === null) return;
  if (SYSTEM_FOLDERS.some((folder) => isWithin(real, folder))) {
    throw new ManifestError('unreadable', `${path} belongs to the system and is not read.`);
  }
  if (folders.length === 0) return;
  const allowed = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  if (allowed.some((folder) => isWithin(real, folder))) return;
  throw new ManifestError(
    'unreadable',
    `${path} is not in a folder that MANIFEST_FOLDERS names, so it is not read.`,
  );
}

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
