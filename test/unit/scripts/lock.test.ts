import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { withLock } from '../../../scripts/lock.mjs';

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lock-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

it('the lock runs one action at a time', async () => {
  const folder = await makeFolder();
  let inside = 0;
  const most = await Promise.all(
    [1, 2, 3].map(async () => {
      let seen = 0;
      await withLock(join(folder, 'lock'), async () => {
        inside += 1;
        await new Promise(setImmediate);
        seen = inside;
        inside -= 1;
      });
      return seen;
    }),
  );
  expect(most).toEqual([1, 1, 1]);
});

it('the lock is taken over when its holder has died', async () => {
  const folder = await makeFolder();
  const dead = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(dead, 'exit');
  await writeFile(join(folder, 'lock'), String(dead.pid));
  let ran = false;
  await withLock(join(folder, 'lock'), () => {
    ran = true;
  });
  expect(ran).toBe(true);
});

it('the lock is released if the action fails', async () => {
  const folder = await makeFolder();
  const failing = withLock(join(folder, 'lock'), () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
  expect(await readdir(folder)).toEqual([]);
});
