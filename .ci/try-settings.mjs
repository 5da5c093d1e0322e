// Asks Compose which settings the processes of docker-compose.yml get from the shell, a file and the defaults. Starts
// nothing. .ci/containers calls it with a `docker-compose` of version 2 in PATH.

import { deepStrictEqual } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = dirname(import.meta.dirname);
const folder = mkdtempSync(join(tmpdir(), 'kling-settings-'));
const SHOWN = ['COMETAPI_KEY', 'DASHBOARD_PASSWORD', 'REDIS_URL'];
const OURS = 'redis://redis:6379';
const PRACTICE = [
  ['sandbox-worker', ['sandbox-key', undefined, `${OURS}/1`]],
  ['sandbox-import', ['sandbox-key', undefined, `${OURS}/1`]],
  ['sandbox-cli', ['sandbox-key', undefined, `${OURS}/1`]],
];

try {
  const file = join(folder, 'own.env');
  writeFileSync(
    file,
    "COMETAPI_KEY='file$key'\nDASHBOARD_PASSWORD='file \"pass'\nREDIS_URL=redis://file:6379/3\n",
  );
  const empty = join(folder, 'empty.env');
  writeFileSync(empty, '');

  expect('nothing', {}, { key: 'none', password: undefined, redis: OURS });
  expect(
    'an empty file',
    { KLING_ENV_FILE: empty },
    { key: 'none', password: undefined, redis: OURS },
  );
  const ofFile = { key: 'file$key', password: 'file "pass', redis: 'redis://file:6379/3' };
  expect('a file', { KLING_ENV_FILE: file }, ofFile);
  const none = { COMETAPI_KEY: '', DASHBOARD_PASSWORD: '' };
  expect('a file, and a shell with empty values', { KLING_ENV_FILE: file, ...none }, ofFile);
  // The Redis of the shell is that of this machine, which containers do not reach by the same address.
  const shell = { COMETAPI_KEY: 'shell', DASHBOARD_PASSWORD: 'a$b=c', REDIS_URL: 'redis://x' };
  const ofShell = { key: 'shell', password: 'a$b=c' };
  expect('a shell', shell, { ...ofShell, redis: OURS });
  expect('a file and a shell', { KLING_ENV_FILE: file, ...shell }, { ...ofFile, ...ofShell });
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function expect(what, given, { key, password, redis }) {
  const services = readServices(given);
  const found = Object.entries(services).flatMap(([name, { environment }]) =>
    environment == null ? [] : [[name, SHOWN.map((setting) => plain(environment[setting]))]],
  );
  deepStrictEqual(
    new Map(found),
    new Map([
      ['worker', [key, '', redis]],
      ['dashboard', ['', password, redis]],
      ['cli', ['', '', redis]],
      ['sandbox-dashboard', ['', password, `${OURS}/1`]],
      ...PRACTICE,
    ]),
  );
  console.log(`Settings as expected from ${what}`);
}

function readServices(given) {
  const { COMETAPI_KEY, DASHBOARD_PASSWORD, REDIS_URL, KLING_ENV_FILE, ...env } = process.env;
  const profiles = ['cli', 'sandbox', 'sandbox-cli'].flatMap((name) => ['--profile', name]);
  const command = [...profiles, '--env-file', '/dev/null', 'config', '--format', 'json'];
  const options = { cwd: root, env: { ...env, ...given }, encoding: 'utf8' };
  return JSON.parse(execFileSync('docker-compose', command, options)).services;
}

/** `config` prints a file that may be read again, so it writes `$$` for `$`. */
function plain(value) {
  return value?.replaceAll('$$', '$');
}
