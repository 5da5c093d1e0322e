import { stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { fillInDates } from '../../lib/core/schedule/path-dates.ts';
import { ManifestError } from '../manifest/manifest-error.ts';
import { checkPlace, SYSTEM_FOLDERS } from './check-place.ts';

const isAddress = (manifest: string): boolean => /^https?:\/\//i.test(manifest);

/**
 * Where a schedule's manifest is for the run of a planned time: its dates filled in and, when it is a glob, the file
 * changed last (of several changed at once the last by name). Whether it can be read is not looked at, but whether it may be,
 * as `checkPlace` says.
 * @throws ManifestError `not_found` when no file matches a glob; `unreadable`.
 */
export async function findManifest(
  manifest: string,
  plannedAtMs: number,
  zone: string,
  folders: readonly string[],
): Promise<string> {
  const path = fillInDates(manifest, plannedAtMs, zone);
  if (isAddress(path)) return path;
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
    // Links under /proc lead round and round: a search there takes all memory.
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

/** The folders that are certain, so that no more is searched than what may match. */
function splitPattern(pattern: string): { folder: string; rest: string } {
  const parts = pattern.split(sep);
  const first = parts.findIndex((part) => isDynamicPattern(part));
  return { folder: parts.slice(0, first).join(sep) || sep, rest: parts.slice(first).join('/') };
}

/** Null when there is nothing, or it vanished meanwhile. */
async function lastChange(path: string): Promise<number | null> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return null;
  }
}
