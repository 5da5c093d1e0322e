import { expect, test } from 'vitest';
import {
  CHUNK_ROWS,
  chunkOfRow,
  countChunks,
  firstRowOfChunk,
} from '../../../../../src/lib/core/batch/chunk.ts';

test.each<[row: number, chunk: number]>([
  [1, 0],
  [500, 0],
  [501, 1],
  [1_000, 1],
  [1_001, 2],
  [1_000_000, 1_999],
])('row %i is in chunk %i', (row, chunk) => {
  expect(chunkOfRow(row)).toBe(chunk);
});

test.each<[rows: number, chunks: number]>([
  [0, 0],
  [1, 1],
  [500, 1],
  [501, 2],
  [1_000_000, 2_000],
])('%i rows are %i chunks', (rows, chunks) => {
  expect(countChunks(rows)).toBe(chunks);
});

test.each([0, 1, 7, 1_999])(
  'the first row of chunk %i is in it, the one before is not',
  (chunk) => {
    const row = firstRowOfChunk(chunk);
    expect([chunkOfRow(row - 1), chunkOfRow(row)]).toEqual([chunk - 1, chunk]);
  },
);

test('the size of a chunk never changes: stored rows are found by it', () => {
  expect(CHUNK_ROWS).toBe(500);
});
