import { mkdir, mkdtemp, readdir, rm, symlink, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { UploadStore } from '../../../../src/dashboard/uploads/upload-store.ts';

const HOUR_S = 3_600;

async function folder(place: string, name: string, ageS: number): Promise<void> {
  const path = join(place, name);
  await mkdir(join(path, 'upload'), { recursive: true });
  const at = Date.now() / 1_000 - ageS;
  await utimes(path, at, at);
}

test('a store removes what a killed dashboard left a day ago, and nothing else', async () => {
  const place = await mkdtemp(join(tmpdir(), 'upload-store-'));
  onTestFinished(() => rm(place, { recursive: true, force: true }));
  await folder(place, 'kling-sessions-uploads-old', 25 * HOUR_S);
  await folder(place, 'kling-sessions-uploads-young', HOUR_S);
  await folder(place, 'another-program', 25 * HOUR_S);
  await symlink(join(place, 'another-program'), join(place, 'kling-sessions-uploads-link'));
  {
    await using store = await UploadStore.open(1_000, Date.now, place);
    expect(store.find('any')).toBeNull();
    expect(await readdir(place)).toHaveLength(4);
  }
  expect((await readdir(place)).toSorted()).toEqual([
    'another-program',
    'kling-sessions-uploads-link',
    'kling-sessions-uploads-young',
  ]);
});
