// @ts-check
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `action` while no other process runs one under the same lock file. Waits as long as the
 * holder lives, and takes over a lock whose holder has died.
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
  // Linked into place once it has its content, so that no process ever sees a lock without a holder.
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, String(process.pid));
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    rmSync(draft);
  }
}

/** @param {string} path */
function isHolderAlive(path) {
  try {
    process.kill(Number(readFileSync(path, 'utf8')), 0);
    return true;
  } catch (error) {
    // EPERM: alive, but of another user. ENOENT: released a moment ago, so try again.
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
