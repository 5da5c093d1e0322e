// @ts-check
// Makes a fresh clone ready to run: npm packages, a Redis server, the compiled program. Adds only what
// is missing, so it may run before every command. Uses only Node itself, because it runs before
// anything is installed.
//
//   node scripts/setup.mjs           everything that `npm run demo` needs
//   node scripts/setup.mjs --tests   the same, PostgreSQL and a Chromium; with TEST_REDIS_URL it needs no Redis

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, isBuilt } from './build.mjs';
import { findChromium, installChromium } from './install/chromium.mjs';
import {
  arePackagesInstalled,
  installPackages,
  isFfprobeExecutable,
  makeFfprobeExecutable,
} from './install/packages.mjs';
import { hasPostgres, installPostgres } from './install/postgres.mjs';
import { findRedisServer, installRedis } from './install/redis.mjs';
import { withLock } from './lock.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Oldest Node that works; the same as `engines` in package.json. */
const oldestNode = { major: 20, minor: 19 };

const tests = process.argv.includes('--tests');

function isNodeTooOld() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major < oldestNode.major || (major === oldestNode.major && minor < oldestNode.minor);
}

function needsRedis() {
  const isGiven = process.env.REDIS_URL || (tests && process.env.TEST_REDIS_URL);
  return !isGiven && findRedisServer(process.env.PATH) === undefined;
}

function needsPostgres() {
  return tests && !hasPostgres(process.env.PATH);
}

function needsChromium() {
  return tests && findChromium(process.env.PATH) === undefined;
}

/** Steps in order. Each is checked again under the lock, as another set-up may have done it. */
const steps = [
  { isNeeded: () => !arePackagesInstalled(root), run: () => installPackages(root) },
  { isNeeded: () => !isFfprobeExecutable(root), run: () => makeFfprobeExecutable(root) },
  { isNeeded: needsRedis, run: installRedis },
  { isNeeded: needsPostgres, run: installPostgres },
  { isNeeded: needsChromium, run: installChromium },
  { isNeeded: () => !isBuilt(root), run: () => build(root) },
];

async function main() {
  if (isNodeTooOld()) {
    const { major, minor } = oldestNode;
    throw new Error(`Node ${major}.${minor} or later is needed; this is ${process.version}.`);
  }
  if (!steps.some((step) => step.isNeeded())) return;
  await withLock(join(root, '.kling-sessions', 'setup.lock'), () => {
    for (const step of steps) {
      if (step.isNeeded()) step.run();
    }
  });
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
