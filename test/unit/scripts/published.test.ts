import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BESIDE_THE_BUNDLE, publishedManifest } from '../../../scripts/published.mjs';

const root = join(import.meta.dirname, '../../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>;
};

/** The end of an import, on one line or on several, or an import on demand. */
const IMPORTED = /(?:^(?:import [^'\n]*|\} from )|\bimport\()'([^'.][^']*)'\)?;$/gm;

/** Packages that modules of `src` import, types included. */
function importedPackages(): string[] {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const names = files
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
    .flatMap((text) => Array.from(text.matchAll(IMPORTED), ([, name = '']) => name))
    .filter((name) => !name.startsWith('node:') && !builtinModules.includes(name))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  return [...new Set(names)].toSorted();
}

/** Installed because of one of their files, which no module imports. */
const FOR_THEIR_FILES = ['@bull-board/ui', '@ffprobe-installer/ffprobe'];

test('dependencies name what src imports, and nothing else', () => {
  const named = Object.keys(manifest.dependencies).filter(
    (name) => !FOR_THEIR_FILES.includes(name),
  );
  expect(named).toEqual(importedPackages().filter((name) => !FOR_THEIR_FILES.includes(name)));
});

test('the published package installs only packages outside the bundle, in the versions of package.json', () => {
  const published = publishedManifest();
  expect(Object.keys(published.dependencies)).toEqual(BESIDE_THE_BUNDLE);
  expect(manifest.dependencies).toMatchObject(published.dependencies);
  expect(published).not.toHaveProperty('devDependencies');
});
