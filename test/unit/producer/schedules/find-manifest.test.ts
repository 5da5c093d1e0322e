import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findManifest } from '../../../../src/producer/schedules/find-manifest.ts';

const find = (pattern: string, folders: string[] = []): Promise<string> =>
  findManifest(pattern, 0, 'UTC', folders);

/** `in/clips.csv`, and `out/secret.csv`, to which `in/link.csv` leads. */
async function makeFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'find-')));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const file of ['in/clips.csv', 'out/secret.csv']) {
    await mkdir(join(folder, file, '..'));
    await writeFile(join(folder, file), '');
  }
  await symlink(join(folder, 'out/secret.csv'), join(folder, 'in/link.csv'));
  return folder;
}

describe('a glob, if MANIFEST_FOLDERS is set,', () => {
  test('a glob finds a file in the folders of MANIFEST_FOLDERS', async () => {
    const folder = await makeFolder();
    const found = await find(join(folder, 'in/c*.csv'), [join(folder, 'in')]);
    expect(found).toBe(join(folder, 'in/clips.csv'));
  });

  test.each([
    ['is not followed out of them by a link', 'in/l*.csv'],
    ['is not searched for beside them', 'out/*.csv'],
    ['is not searched for above them', '*/*.csv'],
  ])('a glob %s, and shows no names from there', async (_, pattern) => {
    const folder = await makeFolder();
    const finding = find(join(folder, pattern), [join(folder, 'in')]);
    await expect(finding).rejects.toMatchObject({
      code: 'unreadable',
      message: expect.not.stringContaining('secret'),
    });
  });
});

// Other systems have no /proc.
describe.runIf(process.platform === 'linux')('what the system shows as files', () => {
  test.each([
    ['is not searched', '/proc/self/nothing*', 'unreadable'],
    ['is passed over by a search from the root', '/[p]roc/self/environ', 'not_found'],
  ])('%s', async (_, pattern, code) => {
    await expect(find(pattern)).rejects.toMatchObject({ code });
  });
});
