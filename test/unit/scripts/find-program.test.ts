import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { findProgram } from '../../../scripts/find-program.mjs';

async function makePath(programs: Record<string, number>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'find-program-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const [name, mode] of Object.entries(programs)) {
    const file = join(root, name);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, '');
    await chmod(file, mode);
  }
  return ['a', 'b'].map((folder) => join(root, folder)).join(delimiter);
}

const names = ['redis-server', 'valkey-server'];

it('the search prefers the first name, wherever it is', async () => {
  const path = await makePath({ 'a/valkey-server': 0o755, 'b/redis-server': 0o755 });
  expect(findProgram(names, path)).toMatch(/b\/redis-server$/);
});

it('the search skips a file that cannot be executed', async () => {
  const path = await makePath({ 'a/redis-server': 0o644, 'b/valkey-server': 0o755 });
  expect(findProgram(names, path)).toMatch(/b\/valkey-server$/);
});

it('the search finds nothing on an empty PATH, not even in the current folder', () => {
  expect(findProgram(['package.json'], '')).toBeUndefined();
});
