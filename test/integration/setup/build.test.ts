import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
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
  'scripts/bundle.mjs',
  'scripts/library-types.mjs',
  'scripts/published.mjs',
];

const MAIN = `import { Command } from 'commander';
export const answer: number = 42;
export const script = new URL('../count.lua', import.meta.url);
export const name = new Command('answer').name();
`;

/** A project with our settings and a source of its own. */
async function makeProject(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'build-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const input of inputs) await cp(join(project, input), join(root, input));
  await mkdir(join(root, 'node_modules'));
  for (const shared of await readdir(join(project, 'node_modules'))) {
    if (shared === '.cache') continue;
    await symlink(join(project, 'node_modules', shared), join(root, 'node_modules', shared));
  }
  const sources = {
    'cli/main.ts': MAIN,
    'library/main.ts': "export type { Answer } from './answer.ts';\n",
    'library/answer.ts': 'export type Answer = 42;\n',
    'client/main.ts': 'export {};\n',
    'lib/video/ffprobe/thread.ts': 'export {};\n',
    'count.lua': 'return 1\n',
  };
  for (const [path, text] of Object.entries(sources)) {
    await mkdir(dirname(join(root, 'src', path)), { recursive: true });
    await writeFile(join(root, 'src', path), text);
  }
  return root;
}

it('the build bundles the program with its packages and the types of its entries, and keeps the old one if it fails', async () => {
  const root = await makeProject();
  const main = join(root, 'dist', 'cli', 'main.js');
  expect(isBuilt(root)).toBe(false);

  build(root);
  expect(isBuilt(root)).toBe(true);
  expect((await stat(main)).mode & 0o111).toBe(0o111);
  const { answer, script, name } = await import(main);
  expect([answer, name]).toEqual([42, 'answer']);
  expect(await readFile(script, 'utf8')).toBe('return 1\n');
  expect(await readFile(main, 'utf8')).not.toContain("from 'commander'");
  expect(await readFile(join(root, 'dist', 'LICENSES.txt'), 'utf8')).toContain('Name: commander');

  const types = (await readdir(join(root, 'dist'), { recursive: true })).filter((name) =>
    name.endsWith('.d.ts'),
  );
  expect(types.toSorted()).toEqual([
    'client/main.d.ts',
    'library/answer.d.ts',
    'library/main.d.ts',
  ]);
  expect(await readFile(join(root, 'dist', 'library', 'main.d.ts'), 'utf8')).toContain(
    "from './answer.js'",
  );

  await writeFile(join(root, 'src', 'cli', 'main.ts'), 'export const answer: number = "42";\n');
  expect(isBuilt(root)).toBe(false);
  expect(() => build(root)).toThrow(/build failed/);
  expect(await readFile(main, 'utf8')).toContain('answer = 42');
});
