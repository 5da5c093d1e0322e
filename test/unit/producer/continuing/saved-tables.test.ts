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
  return after.rows.map((row) => {
    const { known, isSame } = finder.find(row);
    return (known ?? 0) * (isSame ? 1 : -1);
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
      expect(find(before, after, ['sku']).map(Math.abs)).toEqual(rows);
    },
  );

  it.each([{ key: null }, { key: ['sku'] }])(
    'a row whose place a row of another form has taken is new and repeats none, with %o',
    async ({ key }) => {
      const before = await readManifest(HEADER + row('7'));
      const after = await readManifest(HEADER + row('007') + row('7'));
      using finder = new RowFinder({ rows: 1, shape: before.shape }, after, key);
      for (const known of before.rows) finder.addKnown(known);
      const found = after.rows.map((one) => finder.find(one));
      expect(found.map(({ known }) => known)).toEqual([1, null]);
      expect(found.map(({ isRepeated }) => isRepeated)).toEqual([false, false]);
      expect(finder.badKeys.repeated).toBe(0);
    },
  );

  it('rows that take each other’s places are all found', async () => {
    const before = await readManifest(HEADER + row('007') + row('7'));
    const after = await readManifest(HEADER + row('7.0') + row('7'));
    expect(find(before, after, null)).toEqual([2, 1]);
    expect(find(before, after, ['sku'])).toEqual([2, 1]);
  });

  it('numbers that a spreadsheet would make equal are two keys if the videos differ', async () => {
    const before = await readManifest(HEADER + row('007', 'a'));
    const after = await readManifest(HEADER + row('7', 'b') + row('007', 'a'));
    expect(find(before, after, ['sku'])).toEqual([-0, 1]);
  });

  it('ids of two videos that a spreadsheet would round to one are two videos', async () => {
    const table = (id: string): Promise<ReadManifest> =>
      readManifest(`video_id,task_id,price\n${id},784912345678905678,1.50\n`);
    const [before, after] = [await table('784912345678901001'), await table('784912345678901002')];
    expect(find(before, after, null)).toEqual([0]);
  });
});
