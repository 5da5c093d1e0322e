// Starts the services of docker-compose.yml, runs the sample manifest through them, kills one worker and stops the
// other in the middle, and compares every report with the manifest. .ci/containers calls it and provides engine and
// images.

import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { checkReport } from '../scripts/check-report.mjs';

const root = dirname(import.meta.dirname);
const LARGEST_IMAGE_MB = 350;
const LONGEST_WAIT_MS = 240_000;
const PENDING = ['waiting', 'probing', 'ready', 'opening'];
/** Each check starts a process. */
const LOOK_EVERY_MS = 2_000;

const files = mkdtempSync(join(tmpdir(), 'kling-files-'));
const env = {
  ...process.env,
  // A name for each run: the engine's name server remembers the network's old address after a killed run.
  COMPOSE_PROJECT_NAME: `kling-try-${process.pid}`,
  DASHBOARD_PASSWORD: 'correct horse',
  DASHBOARD_PORT: '14270',
  SANDBOX_DASHBOARD_PORT: '14271',
  REDIS_PORT: '16379',
  KLING_FILES: files,
  // root owns the folder here, and the container has no capability to write to another user's.
  KLING_USER: '0:0',
};

try {
  checkImage();
  compose('--profile', 'sandbox', 'up', '--detach', '--no-build');
  checkConfinement();
  checkReportOf('example', await untilEnded('example'));
  await runManifestOfFolder();
  importBesideRealWorkers();
  await checkHealth();
  await loseWorkersInTheMiddle();
  await checkDashboard();
} catch (error) {
  console.error(error);
  console.error(run('docker-compose', '--profile', 'sandbox', 'logs', '--tail', '20').stdout);
  process.exitCode = 1;
} finally {
  // The storage is deleted later, with everything left here.
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
  if (megabytes > LARGEST_IMAGE_MB)
    throw new Error(`the image may have at most ${LARGEST_IMAGE_MB} MB`);
  console.log(`Version: ${must('podman', 'run', '--rm', env.KLING_IMAGE, '--version').trim()}`);
}

/** The worker is not root, and can write only to /tmp. */
function checkConfinement() {
  const worker = containersOf('sandbox-worker')[0];
  const id = must('podman', 'exec', worker, 'id', '-u').trim();
  const writing = run('podman', 'exec', worker, 'sh', '-c', 'touch /tmp/a && touch /app/a');
  if (id !== '1000' || !writing.stderr.includes('Read-only file system')) {
    throw new Error(`user ${id}; writing to /app: ${writing.status} ${writing.stderr}`);
  }
}

/** Imports a user's own file, waits, and expects the report beside the manifest. */
async function runManifestOfFolder() {
  copyFileSync(join(root, 'examples', 'videos.csv'), join(files, 'videos.csv'));
  const cli = ['--profile', 'sandbox', 'run', '--rm', '-T', 'sandbox-cli'];
  compose(...cli, 'import', 'videos.csv', '--batch', 'mounted', '--limit', '10');
  await untilEnded('mounted');
  compose(...cli, 'results', 'mounted', '--out', 'videos.results.csv');
  expectAsWanted('mounted', join(files, 'videos.results.csv'), 10);
}

/** The same beside the real API, with a row that needs no call. */
function importBesideRealWorkers() {
  writeFileSync(join(files, 'broken.csv'), 'video_url\nC:\\videos\\lamp.mp4\n');
  const cli = ['run', '--rm', '-T', '-e', 'COMETAPI_KEY=none', 'cli'];
  compose(...cli, 'import', 'broken.csv', '--batch', 'broken');
  compose(...cli, 'results', 'broken', '--out', 'broken.results.csv');
  const report = readFileSync(join(files, 'broken.results.csv'), 'utf8');
  if (!report.includes('invalid')) throw new Error(`broken.csv came back as\n${report}`);
}

/** Kills one worker and stops the other in the middle of a batch that is limited to one call per second. */
async function loseWorkersInTheMiddle() {
  ask('gate', 'set', '--rate', '1');
  ask('import', 'examples/videos.csv', '--batch', 'lossy');
  const [victim, other] = containersOf('sandbox-worker');
  await until(() => countEnded('lossy') > 8);
  must('podman', 'kill', '--signal', 'KILL', victim);
  console.log(`Killed a worker with ${countLeft('lossy')} rows left`);
  stop(other);
  if (countLeft('lossy') === 0) throw new Error('the batch ended before both workers were stopped');
  must('podman', 'start', other);
  ask('gate', 'set', '--reset');
  checkReportOf('lossy', await untilEnded('lossy'));
}

/** Expects every row of the sample manifest once, each with its result, and nothing lost on the way. */
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

/** Expects the dashboard to list the batches, and to show nothing without a password. */
async function checkDashboard() {
  const url = `http://127.0.0.1:${env.SANDBOX_DASHBOARD_PORT}/api/v1/batches`;
  const stranger = await fetch(url);
  const credentials = Buffer.from(`operator:${env.DASHBOARD_PASSWORD}`).toString('base64');
  const operator = await fetch(url, { headers: { authorization: `Basic ${credentials}` } });
  const batches = await operator.text();
  if (stranger.status !== 401 || !batches.includes('lossy')) {
    throw new Error(`${url}: ${stranger.status} without a password; with it:\n${batches}`);
  }
  console.log('Dashboard: lists the batches, and asks for the password');
}

/** A stopped worker must shut down by itself, without a kill. */
function stop(worker) {
  const startedMs = Date.now();
  must('podman', 'stop', '--time', '40', worker);
  const exitCode = must('podman', 'inspect', '--format', '{{.State.ExitCode}}', worker).trim();
  if (exitCode !== '0') throw new Error(`the stopped worker exited with ${exitCode}`);
  console.log(`Stopped a worker: exit 0 after ${((Date.now() - startedMs) / 1_000).toFixed(1)} s`);
}

/** Every health check must report healthy. */
async function checkHealth() {
  const ours = ['ps', '--filter', `label=com.docker.compose.project=${env.COMPOSE_PROJECT_NAME}`];
  const names = (health) =>
    must('podman', ...ours, '--format', '{{.Names}}', '--filter', `health=${health}`)
      .split('\n')
      .filter((name) => name !== '');
  const sick = () => [...names('starting'), ...names('unhealthy')];
  await until(() => sick().length === 0).catch(() => {
    throw new Error(`not healthy: ${sick().join(', ')}`);
  });
  console.log(`Healthy: ${names('healthy').length} containers`);
}

function containersOf(service) {
  const label = `label=com.docker.compose.service=${service}`;
  return must('podman', 'ps', '--quiet', '--filter', label).trim().split('\n');
}

/** Runs this repository's program on the Redis of the containers. */
function ask(...args) {
  const REDIS_URL = `redis://127.0.0.1:${env.REDIS_PORT}/1`;
  return execFileSync(process.execPath, ['dist/cli/main.js', ...args], {
    cwd: root,
    env: { ...env, REDIS_URL, COMETAPI_KEY: 'sandbox-key' },
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

function read(batch) {
  return JSON.parse(ask('status', batch, '--json'));
}

function countLeft(batch) {
  const { counts } = read(batch).batch;
  return PENDING.reduce((sum, state) => sum + counts[state], 0);
}

function countEnded(batch) {
  return read(batch).batch.rows - countLeft(batch);
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
      // Redis or the batch does not exist yet.
      last = error;
    }
    await wait(LOOK_EVERY_MS);
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
