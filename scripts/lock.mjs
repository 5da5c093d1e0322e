// @ts-check
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `action` while no other process runs one under the same lock file. Waits as long as the
 * holder lives; a lock whose holder has died is taken over.
 *
 * @param {string} path
 * @param {() => void | Promise<void>} action
 */
export async function withLock(path, action) {
  mkdirSync(dirname(path), { recursive: true });
  while (!tryLock(path)) {
    if (isHolderAlive(path)) await sleep(100);
    else rmSync(path, { force: true });
  }
  try {
    await action();
  } finally {
    rmSync(path, { force: true });
  }
}

/** @param {string} path */
function tryLock(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** @param {string} path */
function isHolderAlive(path) {
  try {
    const pid = Number(readFileSync(path, 'utf8'));
    // An empty file is a lock just being taken: its holder is alive, and about to write its pid.
    if (pid === 0) return true;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM') || hasCode(error, 'ENOENT');
  }
}

/**
 * @param {unknown} error
 * @param {string} code
 */
function hasCode(error, code) {
  return error instanceof Error && 'code' in error && error.code === code;
}
