import { expect, it } from 'vitest';
import { RowSet } from '../../../src/producer/row-set.ts';

const setOf = (...rows: number[]): RowSet => {
  const set = new RowSet();
  for (const row of rows) set.add(row);
  return set;
};

it('a set contains what was added and nothing else, also far beyond its first size', () => {
  const rows = [1, 7, 8, 9, 8_191, 8_192, 1_000_000];
  const set = setOf(...rows);
  for (const row of rows) {
    expect([set.has(row - 1), set.has(row), set.has(row + 1)]).toEqual([
      rows.includes(row - 1),
      true,
      rows.includes(row + 1),
    ]);
  }
});

it('a set counts a row once', () => {
  expect(setOf(3, 3, 5).size).toBe(2);
});

it('a set has the same digest for the same rows in any order', () => {
  expect(setOf(1, 20_000).sha256()).toBe(setOf(20_000, 1).sha256());
});

it('a set has another digest for other rows', () => {
  expect(setOf(1, 2).sha256()).not.toBe(setOf(1, 3).sha256());
});

it('a set lists its rows in order', () => {
  expect([...setOf(1_000_000, 8, 7, 16, 1)]).toEqual([1, 7, 8, 16, 1_000_000]);
});
