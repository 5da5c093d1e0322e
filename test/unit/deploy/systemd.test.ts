import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findProgram } from '../../../scripts/find-program.mjs';
import { SETTINGS } from '../../../src/lib/settings/settings.ts';

const run = promisify(execFile);
const FOLDER = new URL('../../../deploy/systemd/', import.meta.url);
const UNITS = ['kling-sessions-worker@.service', 'kling-sessions-dashboard.service'];
const hasAnalyzer = findProgram(['systemd-analyze'], process.env.PATH) !== undefined;

test('the folder holds exactly these units', async () => {
  const files = await readdir(FOLDER);
  expect(files.filter((file) => file.endsWith('.service')).toSorted()).toEqual(UNITS.toSorted());
});

test('every setting in the example environment exists', async () => {
  const text = await readFile(new URL('environment.example', FOLDER), 'utf8');
  const names = Array.from(text.matchAll(/^([A-Z_]+)=/gm), ([, name]) => name);
  expect(names.length).toBeGreaterThan(2);
  expect(Object.keys(SETTINGS)).toEqual(expect.arrayContaining(names));
});

test.each(UNITS)('%s gives running calls more time to end than the program takes', async (unit) => {
  const text = await readFile(new URL(unit, FOLDER), 'utf8');
  const seconds = Number(/^TimeoutStopSec=(\d+)s$/m.exec(text)?.[1]);
  const graceS = unit.includes('worker') ? Number.parseInt(SETTINGS.SHUTDOWN_GRACE.default, 10) : 0;
  expect(seconds).toBeGreaterThan(graceS + 10);
});

describe.skipIf(!hasAnalyzer)('by the tools of systemd', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kling-units-'));
    await cp(FOLDER, folder, { recursive: true });
    // The program is not installed where tests run, and a unit whose program is missing is wrong.
    for (const unit of UNITS) {
      const text = await readFile(join(folder, unit), 'utf8');
      await writeFile(
        join(folder, unit),
        text.replace('/usr/local/bin/kling-sessions', '/bin/true'),
      );
    }
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each(UNITS)('%s is well-formed', async (unit) => {
    const { stdout, stderr } = await run('systemd-analyze', ['verify', join(folder, unit)]);
    expect(stdout + stderr).toBe('');
  });

  test.each(UNITS)('%s is exposed to 2.0 of 10 at most', async (unit) => {
    const args = ['security', '--offline=yes', '--threshold=20', join(folder, unit)];
    // Above the threshold the command fails.
    await expect(run('systemd-analyze', args)).resolves.toBeDefined();
  });
});
