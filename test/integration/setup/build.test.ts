import { cp, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { build, isBuilt } from '../../../scripts/build.mjs';

const project = fileURLToPath(new URL('../../..', import.meta.url));
const inputs = [
  'tsconfig.json',
  'tsconfig.build.json',
  'package.json',
  'package-lock.json',
  'scripts/build.mjs',
];

/** A project with our settings and a source of its own. */
async function makeProject(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'build-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const input of inputs) await cp(join(project, input), join(root, input));
  await mkdir(join(root, 'node_modules'));
  for (const shared of ['.bin', '@types', 'undici-types']) {
    await symlink(join(project, 'node_modules', shared), join(root, 'node_modules', shared));
  }
  await mkdir(join(root, 'src', 'cli'), { recursive: true });
  await writeFile(join(root, 'src', 'cli', 'main.ts'), 'export const answer: number = 42;\n');
  await writeFile(join(root, 'src', 'count.lua'), 'return 1\n');
  return root;
}

it('compiles the program and takes along what is not TypeScript', async () => {
  const root = await makeProject();
  build(root);
  expect(await readFile(join(root, 'dist', 'cli', 'main.js'), 'utf8')).toContain('answer = 42');
  expect((await stat(join(root, 'dist', 'cli', 'main.js'))).mode & 0o111).toBe(0o111);
  expect(await readFile(join(root, 'dist', 'count.lua'), 'utf8')).toBe('return 1\n');
});

it('knows when a source has changed', async () => {
  const root = await makeProject();
  expect(isBuilt(root)).toBe(false);
  build(root);
  expect(isBuilt(root)).toBe(true);
  await writeFile(join(root, 'src', 'count.lua'), 'return 2\n');
  expect(isBuilt(root)).toBe(false);
});

it('keeps the last good build, as an old one, when a build fails', async () => {
  const root = await makeProject();
  build(root);
  await writeFile(join(root, 'src', 'cli', 'main.ts'), 'export const answer: number = "42";\n');
  expect(() => build(root)).toThrow(/build failed/);
  expect(await readFile(join(root, 'dist', 'cli', 'main.js'), 'utf8')).toContain('answer = 42');
  expect(isBuilt(root)).toBe(false);
});
