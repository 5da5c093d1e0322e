import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { checkPlace } from '../../../../src/producer/schedules/check-place.ts';

/** `in/clips.csv`, `inside/clips.csv` beside it, and `in/link.csv`, which leads to the latter. */
async function makeFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'place-')));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const name of ['in', 'inside']) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'clips.csv'), '');
  }
  await symlink(join(folder, 'inside/clips.csv'), join(folder, 'in/link.csv'));
  await symlink('/dev/null', join(folder, 'in/null.csv'));
  return folder;
}

test.each([
  ['a file, if MANIFEST_FOLDERS is empty', 'inside/clips.csv', []],
  ['a file in the folder', 'in/clips.csv', ['in']],
  ['a file in one of several', 'inside/clips.csv', ['in', 'inside']],
  ['what is not there: opening it says so', 'out/clips.csv', ['in']],
])('the place %s may be read', async (_, path, folders) => {
  const folder = await makeFolder();
  const allowed = folders.map((name) => join(folder, name));
  await expect(checkPlace(join(folder, path), allowed)).resolves.toBeUndefined();
});

test.each([
  ['a file beside the folder', 'inside/clips.csv', ['in'], /MANIFEST_FOLDERS/],
  ['a link that leads out of it', 'in/link.csv', ['in'], /MANIFEST_FOLDERS/],
  ['a link to a device', 'in/null.csv', [], /belongs to the system/],
])('the place %s may not be read', async (_, path, folders, message) => {
  const folder = await makeFolder();
  const allowed = folders.map((name) => join(folder, name));
  await expect(checkPlace(join(folder, path), allowed)).rejects.toMatchObject({
    code: 'unreadable',
    message: expect.stringMatching(message),
  });
});

// Without /proc there is nothing to protect.
test.runIf(process.platform === 'linux')('what a process was started with may not', async () => {
  await expect(checkPlace('/proc/self/environ', [])).rejects.toMatchObject({ code: 'unreadable' });
});
