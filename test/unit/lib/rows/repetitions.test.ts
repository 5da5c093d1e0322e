import { expect, test } from 'vitest';
import { Repetitions } from '../../../../src/lib/rows/repetitions.ts';

const cells = (video: number, note: string): string[] => [`https://x/${video}.mp4`, note];

test('a row repeats an earlier one by its cells, and names a known video by its identity', () => {
  using repetitions = new Repetitions();
  const check = (video: number, note: string, row: number) =>
    repetitions.check({ video: `x/${video}`, cells: cells(video, note) }, row);
  expect(check(1, 'a', 1)).toEqual({ kind: 'new_video' });
  expect(check(2, 'a', 2)).toEqual({ kind: 'new_video' });
  expect(check(1, 'a', 4)).toEqual({ kind: 'repeated', row: 1 });
  expect(check(1, 'b', 5)).toEqual({ kind: 'known_video' });
  expect(check(1, 'b', 6)).toEqual({ kind: 'repeated', row: 5 });
  expect(check(1, 'c', 7)).toEqual({ kind: 'known_video' });
  expect(check(1, 'a', 8)).toEqual({ kind: 'repeated', row: 1 });
  expect(check(2, 'b', 9)).toEqual({ kind: 'known_video' });
});

test('repetitions are found when their rows are far apart, and rows between them are left out', () => {
  using repetitions = new Repetitions();
  const rows = Array.from({ length: 5_000 }, (_, index) => 1 + 5 * index);
  const last = rows.at(-1) ?? 0;
  const compared = (row: number) => ({ video: `x/${row}`, cells: cells(row, 'a') });
  const isNew = (row: number): boolean =>
    repetitions.check(compared(row), row).kind === 'new_video';
  const isFound = (row: number): boolean => {
    const found = repetitions.check(compared(row), last + row);
    return found.kind === 'repeated' && found.row === row;
  };
  expect(rows.filter((row) => !isNew(row))).toEqual([]);
  expect(rows.filter((row) => !isFound(row))).toEqual([]);
});

test('the identity of a video counts in place of its address, and the other cells as they are', () => {
  using repetitions = new Repetitions();
  const check = (video: string, cells: string[], row: number) =>
    repetitions.check({ video, cells, videoCell: 1 }, row);
  expect(check('x/1', ['a', 'https://x/1?sig=1'], 1)).toEqual({ kind: 'new_video' });
  expect(check('x/1', ['a', 'https://x/1?sig=2'], 2)).toEqual({ kind: 'repeated', row: 1 });
  expect(check('x/1', ['b', 'https://x/1?sig=1'], 3)).toEqual({ kind: 'known_video' });
  expect(check('x/2', ['a', 'https://x/1?sig=1'], 4)).toEqual({ kind: 'new_video' });
});
