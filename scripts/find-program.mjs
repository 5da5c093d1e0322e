// @ts-check
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Returns the full path of the first of `names` that can be executed. Searches all of PATH for each.
 *
 * @param {readonly string[]} names in order of preference
 * @param {string | undefined} path the PATH to search
 * @returns {string | undefined}
 */
export function findProgram(names, path = '') {
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return candidates.find(isExecutable);
}

/** @param {string} file */
export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
