import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { openTemporaryFolder } from '../../../../src/lib/video/temporary-folder.ts';

const PREFIX = 'some-folder-';
const CHILD = fileURLToPath(new URL('./hold-temporary-folder.ts', import.meta.url));

async function makePlace(): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'place-'));
  onTestFinished(() => rm(place, { recursive: true }));
  return place;
}

/** Starts a process that holds a folder with a file in it. Returns the folder's path. */
async function holdFolder(place: string) {
  const child = fork(CHILD, [PREFIX, place], { execArgv: ['--import', 'tsx'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [path] = (await once(child, 'message')) as [string];
  return { child, path };
}

test('the next start removes what a killed process has left, and keeps what a living or frozen one holds', async () => {
  const place = await makePlace();
  const [killed, frozen] = await Promise.all([holdFolder(place), holdFolder(place)]);
  frozen.child.kill('SIGSTOP');
  killed.child.kill('SIGKILL');
  await once(killed.child, 'exit');
  await using folder = await openTemporaryFolder(PREFIX, place);
  const left = [basename(frozen.path), basename(folder.path)].toSorted();
  expect((await readdir(place)).toSorted()).toEqual(left);
});

test('a folder is removed when it is disposed', async () => {
  const place = await makePlace();
  const folder = await openTemporaryFolder(PREFIX, place);
  await writeFile(join(folder.path, 'file'), 'x');
  await folder[Symbol.asyncDispose]();
  expect(await readdir(place)).toEqual([]);
});

test('an old folder whose socket does not answer is removed; other folders and files always stay', async () => {
  const place = await makePlace();
  for (const name of ['old', 'young']) await mkdir(join(place, `${PREFIX}${name}`));
  await mkdir(join(place, 'other-old'));
  await writeFile(join(place, `${PREFIX}file`), '');
  const long = new Date(Date.now() - 25 * 3_600_000);
  for (const name of [`${PREFIX}old`, 'other-old', `${PREFIX}file`]) {
    await utimes(join(place, name), long, long);
  }
  await (await openTemporaryFolder(PREFIX, place))[Symbol.asyncDispose]();
  expect((await readdir(place)).toSorted()).toEqual([
    'other-old',
    `${PREFIX}file`,
    `${PREFIX}young`,
  ]);
});

test('a folder is made even if its path is too long for a socket', async () => {
  const place = join(await makePlace(), 'x'.repeat(100));
  await mkdir(place);
  await using folder = await openTemporaryFolder(PREFIX, place);
  expect(await readdir(folder.path)).toEqual([]);
});
