import { realpath } from 'node:fs/promises';
import { findPlaceProblem } from '../../lib/files/allowed-places.ts';
import { ManifestError } from '../manifest/manifest-error.ts';

/**
 * Refuses a file that schedules must not read, or a folder that they must not search, wherever links lead. A missing
 * file passes, because opening it reports that. `folders`: allowed folders; empty allows any except the system's own.
 * @throws ManifestError `unreadable`.
 */
export async function checkPlace(path: string, folders: readonly string[]): Promise<void> {
  const real = await realpath(path).catch(() => null);
  if (real === null) return;
  switch (await findPlaceProblem(real, folders)) {
    case 'system':
      throw new ManifestError('unreadable', `${path} belongs to the system and is not read.`);
    case 'outside':
      throw new ManifestError(
        'unreadable',
        `${path} is not in a folder that MANIFEST_FOLDERS names, so it is not read.`,
      );
    case null:
      return;
  }
}
