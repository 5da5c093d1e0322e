// @ts-check
// Makes dist from src: checks the types, bundles the modules, adds the types of the library, and copies the files that
// …). The result appears in one step, so that a failed or interrupted build leaves the last good one.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeSource } from './describe-source.mjs';

/** Everything outside src that a build depends on. */
const otherInputs = [
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
  'package-lock.json',
  'scripts/build.mjs',
  'scripts/bundle.mjs',
  'scripts/library-types.mjs',
  'scripts/published.mjs',
];

/** @param {string} root */
export function isBuilt(root) {
  const stamp = stampPath(join(root, 'dist'));
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(root);
}

/** @param {string} root */
export function build(root) {
  console.log('Building dist …');
  const built = fingerprint(root);
  const scratch = join(root, 'node_modules', '.cache', `build-${process.pid}`);
  try {
    mkdirSync(scratch, { recursive: true });
    const types = `${scratch}-types`;
    must(root, 'node_modules/.bin/tsc', '-p', 'tsconfig.build.json', '--outDir', types);
    must(root, process.execPath, 'scripts/bundle.mjs', scratch);
    must(root, process.execPath, 'scripts/library-types.mjs', types, scratch);
    copyAssets(join(root, 'src'), scratch);
    chmodSync(join(scratch, 'cli', 'main.js'), 0o755);
    writeFileSync(join(scratch, 'build-info.json'), JSON.stringify(describeSource(root)));
    writeFileSync(stampPath(scratch), built);
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    renameSync(scratch, join(root, 'dist'));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
    rmSync(`${scratch}-types`, { recursive: true, force: true });
  }
}

/**
 * Runs a step of the build. Shows its output only if it fails.
 *
 * @param {string} root
 * @param {string} program
 * @param {string[]} args
 */
function must(root, program, ...args) {
  const { error, status, stdout, stderr } = spawnSync(program, args, {
    cwd: root,
    encoding: 'utf8',
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`The build failed:\n${stdout}${stderr}`);
}

/**
 * @param {string} src
 * @param {string} outDir
 */
function copyAssets(src, outDir) {
  for (const file of listFiles(src).filter((name) => !name.endsWith('.ts'))) {
    cpSync(file, join(outDir, relative(src, file)));
  }
}

/**
 * A hash over the names and contents of all inputs of a build. It uses contents and not times, as git
 * gives every file the time of the check-out.
 *
 * @param {string} root
 */
function fingerprint(root) {
  const hash = createHash('sha256');
  const inputs = otherInputs.map((name) => join(root, name));
  for (const file of [...inputs, ...listFiles(join(root, 'src'))]) {
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  }
  return hash.digest('hex');
}

/**
 * All files below `folder`, in an order that does not depend on the file system.
 *
 * @param {string} folder
 */
function listFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** @param {string} dist */
function stampPath(dist) {
  return join(dist, '.built-from');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    build(join(import.meta.dirname, '..'));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
