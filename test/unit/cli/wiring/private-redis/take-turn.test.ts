import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { it as base, expect } from 'vitest';
import { takeTurn } from '../../../../../src/cli/wiring/private-redis/take-turn.ts';

const it = base.extend<{ folder: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of fixtures from the pattern
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'kling-turn-'));
    await use(folder);
    await rm(folder, { recursive: true });
  },
});

it('the turn is held by one process at a time, and by each that waits', async ({ folder }) => {
  let atOnce = 0;
  let most = 0;
  const comer = async (): Promise<void> => {
    for (;;) {
      await using turn = await takeTurn(folder);
      if (turn === null) continue;
      atOnce += 1;
      most = Math.max(most, atOnce);
      await setImmediate();
      atOnce -= 1;
      return;
    }
  };
  await Promise.all(Array.from({ length: 30 }, comer));
  expect(most).toBe(1);
  expect(await readdir(folder)).toEqual(['starting-30']);
});

it('the turn of a dead process is taken over by one of those that find it', async ({ folder }) => {
  const path = join(folder, 'starting-1');
  await writeFile(path, '');
  expect(await takeTurn(folder)).toBeNull();
  const longAgoS = Date.now() / 1_000 - 16;
  await utimes(path, longAgoS, longAgoS);
  const turns = await Promise.all(Array.from({ length: 20 }, () => takeTurn(folder)));
  expect(turns.filter((turn) => turn !== null)).toHaveLength(1);
});
