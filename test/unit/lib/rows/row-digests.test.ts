import { readdirSync, readlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RowDigests } from '../../../../src/lib/rows/row-digests.ts';

const openSpills = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return /kling-sessions-.*\(deleted\)$/.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return false;
    }
  }).length;

describe('RowDigests', () => {
  it('RowDigests finds repeated rows, whether the first is in memory or in the file', () => {
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

  it('RowDigests distinguishes cells, not their joined texts', () => {
    using digests = new RowDigests();
    expect(digests.findOrAdd(['ab', 'c'], 1)).toBeNull();
    expect(digests.findOrAdd(['a', 'bc'], 2)).toBeNull();
  });

  it.runIf(process.platform === 'linux')('RowDigests leaves no file behind', () => {
    const before = openSpills();
    {
      using digests = new RowDigests(10);
      for (let row = 1; row <= 100; row += 1) digests.findOrAdd([String(row)], row);
      expect(openSpills()).toBe(before + 1);
    }
    expect(openSpills()).toBe(before);
  });
});
