// @ts-check
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isExecutable } from '../find-program.mjs';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean }} LockedPackage */
/** @typedef {{ packages: Record<string, LockedPackage> }} Lockfile */

/**
 * Whether npm has installed what the lock file requires. Optional packages may be absent: they are for
 * other platforms.
 *
 * @param {Lockfile} wanted package-lock.json
 * @param {Lockfile} installed node_modules/.package-lock.json, which npm writes last
 */
export function isInstalled(wanted, installed) {
  const missing = Object.entries(wanted.packages).some(([path, locked]) => {
    const found = installed.packages[path];
    if (path === '') return false;
    if (found === undefined) return !locked.optional;
    return found.version !== locked.version || found.integrity !== locked.integrity;
  });
  const surplus = Object.keys(installed.packages).some((path) => !(path in wanted.packages));
  return !missing && !surplus;
}

/** @param {string} root */
export function arePackagesInstalled(root) {
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  return isInstalled(readJson(join(root, 'package-lock.json')), readJson(installed));
}

/**
 * Install scripts stay off: this project needs nothing that one would fetch or compile.
 *
 * @param {string} root
 */
export function installPackages(root) {
  console.log('Installing the npm packages (npm ci) …');
  const args = ['ci', '--ignore-scripts', '--include=dev', '--loglevel=error'];
  const npm = spawnSync('npm', args, { cwd: root, stdio: 'inherit' });
  if (npm.error !== undefined) throw new Error(`npm could not start: ${npm.error.message}`);
  if (npm.status !== 0) throw new Error('`npm ci` failed; see its message above.');
}

/**
 * Whether the static ffprobe for this platform, if there is one, has its executable bit. The package leaves
 * setting the bit to an install script.
 *
 * @param {string} root
 */
export function isFfprobeExecutable(root) {
  const ffprobe = ffprobePath(root);
  return !existsSync(ffprobe) || isExecutable(ffprobe);
}

/** @param {string} root */
export function makeFfprobeExecutable(root) {
  chmodSync(ffprobePath(root), 0o755);
}

/** @param {string} root */
function ffprobePath(root) {
  const platform = `${process.platform}-${process.arch}`;
  return join(root, 'node_modules', '@ffprobe-installer', platform, 'ffprobe');
}

/**
 * @param {string} path
 * @returns {Lockfile}
 */
function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
