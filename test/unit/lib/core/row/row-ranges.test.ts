import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  collectRanges,
  countRanges,
  hasRows,
  nameFirstRows,
  parseRowRanges,
  writeRowRanges,
} from '../../../../../src/lib/core/row/row-ranges.ts';

test.each<[given: string[], written: string[] | undefined]>([
  [['7'], ['7']],
  [
    ['7', '12-15'],
    ['7', '12-15'],
  ],
  [
    ['12 - 15', '7'],
    ['7', '12-15'],
  ],
  [['12–15'], ['12-15']],
  [['1-3', '3-5', '6'], ['1-6']],
  [['4-9', '5-6'], ['4-9']],
  [['8', '8'], ['8']],
  [[], undefined],
  [['0'], undefined],
  [['5-4'], undefined],
  [['7-'], undefined],
  [['-7'], undefined],
  [['7', 'x'], undefined],
  [['1e3'], undefined],
  [['12345678901'], undefined],
])('the text %j is read as %j', (given, written) => {
  const ranges = parseRowRanges(given);
  expect(ranges && writeRowRanges(ranges)).toEqual(written);
});

test('ranges hold the rows that were given, and no others', () => {
  const parts = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 9 })),
    { minLength: 1, maxLength: 12 },
  );
  const property = fc.property(parts, (given) => {
    const ranges = parseRowRanges(given.map(([from, more]) => `${from}-${from + more}`)) ?? [];
    const rows = new Set(
      given.flatMap(([from, more]) => Array.from({ length: more + 1 }, (_, i) => from + i)),
    );
    expect(countRanges(ranges)).toBe(rows.size);
    for (let row = 1; row <= 75; row += 1) expect(hasRows(ranges, row)).toBe(rows.has(row));
    for (let first = 1; first <= 75; first += 10) {
      const isAny = [...rows].some((row) => row >= first && row <= first + 4);
      expect(hasRows(ranges, first, first + 4)).toBe(isAny);
    }
  });
  fc.assert(property);
});

test.each<[rows: number[], total: number, named: string]>([
  [[7], 1, 'row 7'],
  [[7, 12, 13, 14], 4, 'rows 7, 12-14'],
  [[7, 12, 13, 14], 234, 'rows 7, 12-14 and 230 more'],
  [
    Array.from({ length: 12 }, (_, at) => 2 * at + 1),
    1_012,
    'rows 1, 3, 5, 7, 9, 11, 13, 15, 17, 19 and 1,002 more',
  ],
])('rows %j of %i are named "%s"', (rows, total, named) => {
  expect(nameFirstRows(collectRanges(rows), total)).toBe(named);
});
