// Starts the services of docker-compose.yml, runs the sample manifest through them, kills a worker in the middle, and
// holds every report against what the manifest says. Called by .ci/containers, which provides engine and images.

import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { checkReport } from '../scripts/check-report.mjs';

const root = dirname(import.meta.dirname);
const LARGEST_IMAGE_MB = 350;
const LONGEST_WAIT_MS = 240_000;
/** Batches that are under way when the worker dies; with one, the others would be done before it is noticed. */
const COPIES = 6;

const files = mkdtempSync(join(tmpdir(), 'kling-files-'));
const env = {
  ...process.env,
  COMPOSE_PROJECT_NAME: 'kling-try',
  DASHBOARD_PASSWORD: 'correct horse',
  DASHBOARD_PORT: '14270',
  SANDBOX_DASHBOARD_PORT: '14271',
  REDIS_PORT: '16379',
  KLING_FILES: files,
  // The folder is root's here, and the container has no capability to write to another one's.
  KLING_USER: '0:0',
};

try {
  checkImage();
  compose('--profile', 'sandbox', 'up', '--detach', '--no-build');
  checkConfinement();
  checkReportOf('example', await untilEnded('example'));
  await runManifestOfFolder();
  await killWorkerInTheMiddle();
  await checkDashboard();
  checkStop();
} catch (error) {
  console.error(error);
  console.error(run('docker-compose', '--profile', 'sandbox', 'logs', '--tail', '20').stdout);
  process.exitCode = 1;
} finally {
  // What it cannot remove goes with the storage.
  run('docker-compose', '--profile', 'sandbox', 'down', '--volumes', '--timeout', '1');
  rmSync(files, { recursive: true, force: true });
}

function checkImage() {
  const bytes = Number(
    must('podman', 'image', 'inspect', '--format', '{{.Size}}', env.KLING_IMAGE),
  );
  const base = Number(must('podman', 'image', 'inspect', '--format', '{{.Size}}', env.REDIS_IMAGE));
  const megabytes = Math.round(bytes / 1e6);
  console.log(`Image: ${megabytes} MB, of which the base is ${Math.round(base / 1e6)} MB`);
  if (megabytes > LARGEST_IMAGE_MB) throw new Error(`at most ${LARGEST_IMAGE_MB} MB were promised`);
  console.log(`Version: ${must('podman', 'run', '--rm', env.KLING_IMAGE, '--version').trim()}`);
}

/** Not root, and nowhere to write but /tmp. */
function checkConfinement() {
  const worker = containersOf('sandbox-worker')[0];
  const id = must('podman', 'exec', worker, 'id', '-u').trim();
  const writing = run('podman', 'exec', worker, 'sh', '-c', 'touch /tmp/a && touch /app/a');
  if (id !== '1000' || !writing.stderr.includes('Read-only file system')) {
    throw new Error(`user ${id}; writing to /app: ${writing.status} ${writing.stderr}`);
  }
}

/** As a user does it with files of his own: import, wait, and the report beside the manifest. */
async function runManifestOfFolder() {
  copyFileSync(join(root, 'examples', 'videos.csv'), join(files, 'videos.csv'));
  const cli = ['run', '--rm', '-T', 'sandbox-cli'];
  compose(...cli, 'import', 'videos.csv', '--batch', 'mounted', '--limit', '10');
  await untilEnded('mounted');
  compose(...cli, 'results', 'mounted', '--out', 'videos.results.csv');
  expectAsWanted('mounted', join(files, 'videos.results.csv'), 10);
}

async function killWorkerInTheMiddle() {
  const batches = Array.from({ length: COPIES }, (_, index) => `copy-${index + 1}`);
  for (const batch of batches) ask('import', 'examples/videos.csv', '--batch', batch);
  await until(() => countEnded('copy-1') > 5);
  const [victim] = containersOf('sandbox-worker');
  must('podman', 'kill', '--signal', 'KILL', victim);
  const left = batches.reduce((sum, batch) => sum + read(batch).batch.rows - countEnded(batch), 0);
  if (left === 0) throw new Error('the worker was killed when everything was done');
  console.log(`Killed a worker with ${left} rows to go`);
  for (const batch of batches) checkReportOf(batch, await untilEnded(batch));
}

/** Every row of the sample manifest once, each ended as it should, and nothing lost on the way. */
function checkReportOf(batch, { batch: { rows } }) {
  const report = join(files, `${batch}.csv`);
  ask('results', batch, '--out', report);
  ask('verify', batch);
  expectAsWanted(batch, report, rows);
}

function expectAsWanted(batch, report, rowsIn) {
  const { rows, wrong } = checkReport(report);
  if (rows !== rowsIn || wrong.length > 0) {
    throw new Error(`${batch}: ${rowsIn} rows in, ${rows} out.\n${wrong.join('\n')}`);
  }
  console.log(`${batch}: ${rows} rows in, ${rows} out, each as expected`);
}

/** It is there, and nobody gets in without the password. */
async function checkDashboard() {
  const url = `http://127.0.0.1:${env.SANDBOX_DASHBOARD_PORT}/`;
  const answer = await fetch(url, { headers: { accept: 'text/html' } });
  const page = await answer.text();
  if (answer.status >= 500 || page.includes('copy-1')) throw new Error(`${url}: ${page}`);
  console.log(`Dashboard: HTTP ${answer.status} without a password`);
}

/** Told to stop, a worker finishes by itself; nobody has to kill it. */
function checkStop() {
  const worker = containersOf('worker')[0];
  must('podman', 'stop', '--time', '40', worker);
  const exitCode = must('podman', 'inspect', '--format', '{{.State.ExitCode}}', worker).trim();
  if (exitCode !== '0') throw new Error(`a worker that was told to stop exited with ${exitCode}`);
  console.log('Stopped a worker: exit 0');
}

function containersOf(service) {
  const label = `label=com.docker.compose.service=${service}`;
  return must('podman', 'ps', '--quiet', '--filter', label).trim().split('\n');
}

/** The program of this repository, on the Redis of the containers. */
function ask(...args) {
  const REDIS_URL = `redis://127.0.0.1:${env.REDIS_PORT}/1`;
  return execFileSync(process.execPath, ['dist/cli/main.js', ...args], {
    cwd: root,
    env: { ...env, REDIS_URL, COMETAPI_KEY: 'sandbox-key' },
    encoding: 'utf8',
  });
}

function read(batch) {
  return JSON.parse(ask('status', batch, '--json'));
}

function countEnded(batch) {
  return Object.entries(read(batch).batch.counts)
    .filter(([state]) => !['waiting', 'probing', 'ready', 'opening'].includes(state))
    .reduce((sum, [, count]) => sum + count, 0);
}

async function untilEnded(batch) {
  return await until(() => {
    const status = read(batch);
    return status.batch.state === 'completed' && status;
  });
}

async function until(look) {
  const deadlineMs = Date.now() + LONGEST_WAIT_MS;
  let last;
  while (Date.now() < deadlineMs) {
    try {
      const found = look();
      if (found) return found;
    } catch (error) {
      // Redis or the batch is not there yet.
      last = error;
    }
    await wait(500);
  }
  throw new Error('it took too long', { cause: last });
}

function run(command, ...args) {
  return spawnSync(command, args, { cwd: root, env, encoding: 'utf8' });
}

function must(command, ...args) {
  const { status, stdout, stderr } = run(command, ...args);
  if (status === 0) return stdout;
  throw new Error(`${command} ${args.join(' ')}: ${status}\n${stdout}\n${stderr}`);
}

function compose(...args) {
  return must('docker-compose', ...args);
}
