// @ts-check
import { readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findProgram } from '../find-program.mjs';
import { installPackage } from './system-package.mjs';

/**
 * For the tests of the results database only.
 *
 * @type {import('./system-package.mjs').Wanted}
 */
const postgres = {
  name: 'PostgreSQL',
  debian: 'postgresql',
  brew: 'postgresql@17',
  commandsToType: {
    'apt-get': 'sudo apt-get update && sudo apt-get install -y postgresql pgbouncer',
    brew: 'brew install postgresql@17 pgbouncer',
    dnf: 'sudo dnf install -y postgresql-server pgbouncer',
    apk: 'sudo apk add postgresql pgbouncer',
    pacman: 'sudo pacman -S postgresql pgbouncer',
  },
  otherwise: 'Install PostgreSQL and PgBouncer',
};

/** @type {import('./system-package.mjs').Wanted} */
const pgBouncer = { ...postgres, name: 'PgBouncer', debian: 'pgbouncer', brew: 'pgbouncer' };

/**
 * Debian keeps the server's programs off the PATH, in a folder for each version; Homebrew links no numbered version.
 */
const folders = [
  '/usr/lib/postgresql',
  '/opt/homebrew/opt/postgresql@17',
  '/usr/local/opt/postgresql@17',
];

/**
 * A program of PostgreSQL or beside it, such as `initdb`, `postgres` or `pgbouncer`; of several versions the latest.
 *
 * @param {string} name
 * @param {string | undefined} path the PATH to search
 */
export function findPostgresProgram(name, path = '') {
  const versions = readFolder('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a));
  const bins = [
    ...versions.map((version) => join('/usr/lib/postgresql', version, 'bin')),
    ...folders.slice(1).map((folder) => join(folder, 'bin')),
    '/usr/sbin',
  ];
  return findProgram([name], [...bins, path].join(delimiter));
}

/** @param {string} folder */
function readFolder(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** @param {string | undefined} path the PATH to search */
export function hasPostgres(path) {
  return ['initdb', 'postgres', 'pgbouncer'].every((name) => findPostgresProgram(name, path));
}

/**
 * Without one the tests of the results database are skipped, except in continuous integration: there it has to be had.
 */
export function installPostgres() {
  try {
    installPackage(postgres);
    installPackage(pgBouncer);
  } catch (error) {
    if (process.env.CI) throw error;
    const why = error instanceof Error ? error.message : String(error);
    console.log(`The tests of the results database will be skipped: ${why}`);
  }
}
