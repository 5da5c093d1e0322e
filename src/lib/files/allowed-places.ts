import { realpath } from 'node:fs/promises';
import { sep } from 'node:path';

/**
 * Files that the system provides there, such as `/proc/self/environ`, reveal this process and its keys; container
 * engines put keys into the last folder.
 */
export const SYSTEM_FOLDERS = ['/proc', '/sys', '/dev', '/run/secrets'];

/**
 * Why a file that another person named may not be used; null if it may. `real`: its path without links. `folders`:
 * the only allowed ones; empty allows any except the system's own.
 */
export async function findPlaceProblem(
  real: string,
  folders: readonly string[],
): Promise<'system' | 'outside' | null> {
  if (SYSTEM_FOLDERS.some((folder) => isWithin(real, folder))) return 'system';
  if (folders.length === 0) return null;
  const allowed = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  return allowed.some((folder) => isWithin(real, folder)) ? null : 'outside';
}

/** Compares texts; links and `..` must be resolved before. */
export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
