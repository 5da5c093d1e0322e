import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findChromium } from '../../../scripts/install/chromium.mjs';

/** The best one last. */
const NAMES = ['google-chrome', 'chromium', 'chromium-headless-shell'];

test('the tests open pages in a Chromium without windows, else in any other', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kling-chromium-'));
  try {
    const found: (string | undefined)[] = [];
    for (const name of NAMES) {
      await writeFile(join(folder, name), '', { mode: 0o755 });
      found.push(findChromium(folder));
    }

    expect(found).toEqual(NAMES.map((name) => join(folder, name)));
  } finally {
    await rm(folder, { recursive: true });
  }
});
