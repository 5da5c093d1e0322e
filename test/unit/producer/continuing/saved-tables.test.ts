import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RowFinder } from '../../../../src/producer/continuing/row-finder.ts';
import { type ReadManifest, readInput, readManifest } from '../manifest/manifest-fixture.ts';

/** A table as a program wrote it, and as LibreOffice saved it again without a change. */
const recorded = (name: string): Promise<ReadManifest> =>
  readInput(join(import.meta.dirname, '../../../corpus/tables', name));
const WRITTEN = 'before-libreoffice.csv';
const SAVED = ['csv', 'xlsx', 'ods'].map((extension) => `libreoffice-7.4-saved.${extension}`);

/** The row of the first table that each row of the second one is; 0 for none, negative with another video. */
function find(before: ReadManifest, after: ReadManifest, key: string[] | null): number[] {
  using finder = new RowFinder({ rows: before.rows.length, shape: before.shape }, after, key);
  for (const row of before.rows) finder.addKnown(row);
  return after.rows
    .map((row) => finder.find(row))
    .map(({ known, isSame, mayBe }) => {
      if (mayBe !== null) return finder.take(mayBe) ? mayBe : 0;
      return known === null ? 0 : known * (isSame ? 1 : -1);
    });
}

describe.each([
  { name: 'all cells', key: null },
  { name: 'a key', key: ['sku'] },
])('tables that a spreadsheet saved, by $name', ({ key }) => {
  it.each(SAVED)(
    'all rows of %s are found where the table is as its program wrote it',
    async (name) => {
      expect(find(await recorded(WRITTEN), await recorded(name), key)).toEqual([1, 2, 3, 4]);
    },
  );

  it.each(SAVED)(
    'all rows that a program writes again are found where %s was saved',
    async (name) => {
      expect(find(await recorded(name), await recorded(WRITTEN), key)).toEqual([1, 2, 3, 4]);
    },
  );
});

describe('numbers that a spreadsheet would make equal', () => {
  const HEADER = 'sku,video_url\n';
  const row = (sku: string, video = 'a'): string => `${sku},https://v.example/${video}.mp4\n`;

  it.each([
    ['both tables have both', `${row('7')}${row('007')}`, `${row('007')}${row('7')}`, [2, 1]],
    ['the second one is removed', `${row('7')}${row('007')}`, row('7'), [1]],
    ['the first one is removed', `${row('7')}${row('007')}`, row('007'), [2]],
    ['one of them is new', row('007'), `${row('007')}${row('7')}`, [1, 0]],
  ])(
    'numbers that a spreadsheet would make equal are told apart if %s',
    async (_name, one, two, rows) => {
      const [before, after] = [await readManifest(HEADER + one), await readManifest(HEADER + two)];
      expect(find(before, after, null)).toEqual(rows);
      expect(find(before, after, ['sku'])).toEqual(rows);
    },
  );

  it.each([
    ['before', '007', '7'],
    ['after', '7', '007'],
  ])(
    'a row that is as it was is found %s one that a spreadsheet may have made of it',
    async (_name, one, two) => {
      const before = await readManifest(HEADER + row('7'));
      const after = await readManifest(HEADER + row(one) + row(two));
      const rows = one === '7' ? [1, 0] : [0, 1];
      expect(find(before, after, null)).toEqual(rows);
      expect(find(before, after, ['sku'])).toEqual(rows);
    },
  );

  it('a row takes the place that another one leaves', async () => {
    const before = await readManifest(HEADER + row('007') + row('7'));
    const after = await readManifest(HEADER + row('7.0') + row('7'));
    expect(find(before, after, null)).toEqual([1, 2]);
    expect(find(before, after, ['sku'])).toEqual([1, 2]);
  });

  it('numbers that a spreadsheet would make equal are two keys if the videos differ', async () => {
    const before = await readManifest(HEADER + row('007', 'a'));
    const after = await readManifest(HEADER + row('7', 'b') + row('007', 'a'));
    expect(find(before, after, ['sku'])).toEqual([0, 1]);
  });

  it('ids of two videos that a spreadsheet would round to one are two videos', async () => {
    const table = (id: string): Promise<ReadManifest> =>
      readManifest(`video_id,task_id,price\n${id},784912345678905678,1.50\n`);
    const [before, after] = [await table('784912345678901001'), await table('784912345678901002')];
    expect(find(before, after, null)).toEqual([0]);
  });
});
