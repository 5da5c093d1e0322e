import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findFfprobe } from '../../../../../src/lib/video/ffprobe/find.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kling-sessions-find-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function program(name: string, mode: number): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, '#!/bin/sh\n');
  await chmod(path, mode);
  return path;
}

test('the given path comes first', async () => {
  const givenPath = await program('mine', 0o755);
  expect(findFfprobe({ givenPath, searchPath: '' })).toEqual({ path: givenPath, origin: 'given' });
});

test('a given path that is not an ffprobe is not replaced by another', async () => {
  const searchPath = process.env.PATH ?? '';
  expect(findFfprobe({ givenPath: join(folder, 'nothing'), searchPath })).toBeNull();
  expect(findFfprobe({ givenPath: folder, searchPath })).toBeNull();
  expect(findFfprobe({ givenPath: await program('plain', 0o644), searchPath })).toBeNull();
});

test('every user may run the static build of the package, although its installation lets only one', async () => {
  const packaged: string = createRequire(import.meta.url)('@ffprobe-installer/ffprobe').path;
  await chmod(packaged, 0o744);
  expect(findFfprobe({ searchPath: '' })?.path).toBe(packaged);
  expect((await stat(packaged)).mode & 0o777).toBe(0o755);
});

test('the static build of the package comes before the search path', async () => {
  await program('ffprobe', 0o755);
  const packaged = createRequire(import.meta.url)('@ffprobe-installer/ffprobe').path;
  expect(findFfprobe({ givenPath: '', searchPath: folder })).toEqual({
    path: packaged,
    origin: 'package',
  });
});
