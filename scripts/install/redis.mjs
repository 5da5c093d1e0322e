// @ts-check
import { findProgram } from '../find-program.mjs';
import { installPackage, planInstall } from './system-package.mjs';

/** @type {import('./system-package.mjs').Wanted} */
const redis = {
  name: 'redis-server',
  debian: 'redis-server',
  brew: 'redis',
  commandsToType: {
    'apt-get': 'sudo apt-get update && sudo apt-get install -y redis-server',
    brew: 'brew install redis',
    dnf: 'sudo dnf install -y redis',
    apk: 'sudo apk add redis',
    pacman: 'sudo pacman -S valkey',
  },
  otherwise: 'Install redis-server or valkey-server',
};

/** @param {string | undefined} path the PATH to search */
export function findRedisServer(path) {
  return findProgram(['redis-server', 'valkey-server'], path);
}

/** @param {import('./system-package.mjs').Machine} machine */
export function planRedisInstall(machine) {
  return planInstall(machine, redis);
}

/** @throws Error with the one command to type, if there is no way to install it. */
export function installRedis() {
  installPackage(redis);
}
