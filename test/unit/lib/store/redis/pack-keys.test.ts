import { describe, expect, it } from 'vitest';
import {
  partsWithKey,
  rowsWithKey,
  SECTION_ROWS,
  SectionKeys,
} from '../../../../../src/lib/store/redis/indexes/pack-keys.ts';

/** Packs keys by the place of their rows, and looks for one. */
function findIn(keys: ReadonlyMap<number, string>, sectionRows: number, text: string): number[] {
  const section = new SectionKeys();
  for (const [place, key] of keys) section.add(key, place);
  const parts = section.pack(sectionRows);
  return partsWithKey(text, sectionRows).flatMap(({ part, firstRow }) =>
    rowsWithKey(text, parts[part] ?? Buffer.alloc(0), firstRow),
  );
}

describe('index of keys', () => {
  it('the index of keys has as many parts as the rows have chunks, and six bytes a row', () => {
    const section = new SectionKeys();
    for (let place = 0; place < 5_001; place += 1) section.add(`key ${place}`, place);
    const parts = section.pack(5_001);
    expect(parts).toHaveLength(11);
    expect(parts.reduce((sum, part) => sum + part.length, 0)).toBe(6 * 5_001);
  });

  it.each([
    ['the first', 0],
    ['one in between', 123_456],
    ['the last', SECTION_ROWS - 1],
  ])('the index of keys finds the row at %s place of a full section', (_, place) => {
    const keys = new Map([
      [place, 'mine'],
      [place === 7 ? 8 : 7, 'other'],
    ]);
    expect(findIn(keys, SECTION_ROWS, 'mine')).toEqual([place + 1]);
    expect(findIn(keys, SECTION_ROWS, 'nobody')).toEqual([]);
  });

  it('the index of keys looks into one part of each section, and counts rows from its beginning', () => {
    const places = partsWithKey('mine', 2 * SECTION_ROWS + 700);
    expect(places.map(({ firstRow }) => firstRow)).toEqual([
      1,
      SECTION_ROWS + 1,
      2 * SECTION_ROWS + 1,
    ]);
    const [first, second, last] = places.map(({ part }) => part);
    expect(first).toBeLessThan(2_000);
    expect(second).toBe((first ?? 0) + 2_000);
    expect([4_000, 4_001]).toContain(last);
  });
});
