import { accessSync, chmodSync, constants, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';

const require = createRequire(import.meta.url);

/** By its owner, its group and all others. */
const EXECUTABLE = 0o111;

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
 * Lets every user run the package's program, if this one may: package managers drop that, or let only the user run it who
 * installed it.
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
  const path = packagedPath();
  if (path === null) return null;
  if ((statSync(path).mode & EXECUTABLE) !== EXECUTABLE) letAllExecute(path);
  return isExecutable(path) ? path : null;
}

/** The program of the npm package, also if it may not be executed; null on platforms without a build. */
export function packagedPath(): string | null {
  try {
    const { path }: { path: string } = require('@ffprobe-installer/ffprobe');
    return path;
  } catch {
    return null;
  }
}

function letAllExecute(path: string): void {
  try {
    chmodSync(path, 0o755);
  } catch {
    // Another user has installed it.
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
