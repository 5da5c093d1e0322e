import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  adviseOtherData,
  homeBelow,
} from '../../../../../src/cli/wiring/private-redis/batch-data.ts';

it.each([
  [true, 'of `run --sandbox`: add --sandbox'],
  [false, 'of `run`: leave out --sandbox'],
])(
  'a command that looks for the other data than practice = %s says which flag is wrong',
  async (isPractice, words) => {
    const folder = await mkdtemp(join(tmpdir(), 'kling-other-'));
    try {
      expect(await adviseOtherData(folder, !isPractice)).toBeNull();
      const home = homeBelow(folder, isPractice);
      await mkdir(home, { recursive: true });
      await writeFile(join(home, 'password'), 'x');

      expect(await adviseOtherData(folder, !isPractice)).toBe(words);
      expect(await adviseOtherData(folder, isPractice)).toBeNull();
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
