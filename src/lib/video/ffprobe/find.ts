import { accessSync, chmodSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

const require = createRequire(import.meta.url);

export interface FoundFfprobe {
  path: string;
  /** Where it was found: given by the user, in the npm package, or on the search path. */
  origin: 'given' | 'package' | 'path';
}

export interface FindFfprobeOptions {
  /** The path that the user gave, if any. Then no other is tried. */
  givenPath?: string | undefined;
  /** Folders to search, as in the environment's `PATH`. */
  searchPath: string;
}

/**
 * Finds ffprobe: the given path, then the npm package's static build, then the search path. Null when there is none.
 * Restores the mode bit that some package managers drop from the package's program.
 */
export function findFfprobe({ givenPath, searchPath }: FindFfprobeOptions): FoundFfprobe | null {
  if (givenPath !== undefined && givenPath !== '') {
    return isExecutable(givenPath) ? { path: givenPath, origin: 'given' } : null;
  }
  const packaged = packagedFfprobe();
  if (packaged !== null) {
    return { path: packaged, origin: 'package' };
  }
  const name = process.platform === 'win32' ? 'ffprobe.exe' : 'ffprobe';
  const found = searchPath
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find(isExecutable);
  return found === undefined ? null : { path: found, origin: 'path' };
}

function packagedFfprobe(): string | null {
  try {
    // The package throws on platforms without a build.
    const { path }: { path: string } = require('@ffprobe-installer/ffprobe');
    if (!isExecutable(path)) {
      chmodSync(path, 0o755);
    }
    return isExecutable(path) ? path : null;
  } catch {
    return null;
  }
}

/** Also false when the file system forbids execution. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
