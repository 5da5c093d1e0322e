import { readdirSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RowDigests } from '../../../../src/lib/rows/row-digests.ts';
import { SeenTexts } from '../../../../src/lib/rows/seen-texts.ts';

const openSpills = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return /kling-sessions-.*\(deleted\)$/.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return false;
    }
  }).length;

describe('RowDigests', () => {
  it('finds repeated rows, whether the first is in memory or in the file', () => {
    using digests = new RowDigests(1_000);
    const cells = (row: number): string[] => [`https://x/${row}.mp4`, 'note'];
    for (let row = 1; row <= 10_500; row += 1) {
      expect(digests.findOrAdd(cells(row), row)).toBeNull();
    }
    for (let row = 1; row <= 10_500; row += 7) {
      expect(digests.findOrAdd(cells(row), 20_000 + row)).toBe(row);
    }
    expect(digests.findOrAdd(['https://x/1.mp4', 'other'], 1)).toBeNull();
  });

  it('distinguishes cells, not their joined texts', () => {
    using digests = new RowDigests();
    expect(digests.findOrAdd(['ab', 'c'], 1)).toBeNull();
    expect(digests.findOrAdd(['a', 'bc'], 2)).toBeNull();
  });

  it.runIf(process.platform === 'linux')('leaves no file behind', () => {
    const before = openSpills();
    {
      using digests = new RowDigests(10);
      for (let row = 1; row <= 100; row += 1) digests.findOrAdd([String(row)], row);
      expect(openSpills()).toBe(before + 1);
    }
    expect(openSpills()).toBe(before);
  });
});

describe('SeenTexts', () => {
  it('recognises every text, and mistakes few new ones for known', () => {
    const seen = new SeenTexts();
    let wrong = 0;
    for (let n = 0; n < 200_000; n += 1) if (seen.check(`https://x/clip-${n}.mp4`)) wrong += 1;
    expect(wrong).toBeLessThan(200_000 / 30);
    for (let n = 0; n < 200_000; n += 1001)
      expect(seen.check(`https://x/clip-${n}.mp4`)).toBe(true);
  });
});
