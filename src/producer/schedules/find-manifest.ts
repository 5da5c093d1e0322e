import { stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { fillInDates } from '../../lib/core/schedule/path-dates.ts';
import { isWebAddress } from '../../lib/core/web-address.ts';
import { SYSTEM_FOLDERS } from '../../lib/files/allowed-places.ts';
import { ManifestError } from '../manifest/manifest-error.ts';
import { checkPlace } from './check-place.ts';

/**
 * The manifest of a schedule for a planned time: with its dates filled in and, for a glob, the file that changed last
 * (of several, the last by name). It checks whether the file may be read, as `checkPlace` does, but not whether it
 * can be.
 * @throws ManifestError `not_found` when no file matches a glob; `unreadable`.
 */
export async function findManifest(
  manifest: string,
  plannedAtMs: number,
  zone: string,
  folders: readonly string[],
): Promise<string> {
  const path = fillInDates(manifest, plannedAtMs, zone);
  if (isWebAddress(path)) return path;
  const isGlob = isDynamicPattern(path) && (await lastChange(path)) === null;
  const found = isGlob ? await findNewest(path, folders) : path;
  if (found === null) {
    throw new ManifestError('not_found', `There is no file that matches ${path}; check the path.`);
  }
  await checkPlace(found, folders);
  return found;
}

async function findNewest(pattern: string, folders: readonly string[]): Promise<string | null> {
  const { folder, rest } = splitPattern(pattern);
  await checkPlace(folder, folders);
  const names = await glob(rest, {
    cwd: folder,
    onlyFiles: true,
    expandDirectories: false,
    // Links under /proc are circular: a search there takes all memory.
    ignore: SYSTEM_FOLDERS.map((system) => `${system}/**`),
  });
  let newest: { path: string; changedMs: number } | null = null;
  for (const name of names.toSorted()) {
    const path = join(folder, name);
    const changedMs = await lastChange(path);
    if (changedMs !== null && changedMs >= (newest?.changedMs ?? 0)) newest = { path, changedMs };
  }
  return newest?.path ?? null;
}

/** The folders without wildcards, so that the search covers only what may match. */
function splitPattern(pattern: string): { folder: string; rest: string } {
  const parts = pattern.split(sep);
  const first = parts.findIndex((part) => isDynamicPattern(part));
  return { folder: parts.slice(0, first).join(sep) || sep, rest: parts.slice(first).join('/') };
}

/** Null when the file does not exist, or has vanished meanwhile. */
async function lastChange(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return null;
  }
}
