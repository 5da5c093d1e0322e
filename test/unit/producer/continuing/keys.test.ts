import { describe, expect, test } from 'vitest';
import { type FoundRow, RowFinder } from '../../../../src/producer/continuing/row-finder.ts';
import { type ReadManifest, readManifest } from '../manifest/manifest-fixture.ts';
import { textRow, workbook, zip } from '../manifest/workbook/workbook-fixture.ts';

/** Names, and the cells of each row. */
type Table = string[][];

const escapeXml = (cell: string): string => cell.replaceAll('&', '&amp;');

const OFFICE = 'urn:oasis:names:tc:opendocument:xmlns';
const FORMATS: Record<string, (table: Table) => string | Promise<Buffer>> = {
  csv: (table) => table.map((cells) => cells.map((cell) => `"${cell}"`).join(',')).join('\r\n'),
  jsonl: ([names = [], ...rows]) =>
    rows
      .map((cells) =>
        JSON.stringify(Object.fromEntries(names.map((name, at) => [name, cells[at]]))),
      )
      .join('\n'),
  xlsx: (table) => workbook(table.map((cells) => textRow(...cells.map(escapeXml))).join('')),
  ods: (table) =>
    zip({
      mimetype: 'application/vnd.oasis.opendocument.spreadsheet',
      'content.xml': `<office:document-content xmlns:office="${OFFICE}:office:1.0" xmlns:table="${OFFICE}:table:1.0" xmlns:text="${OFFICE}:text:1.0"><office:body><office:spreadsheet><table:table table:name="One">${table
        .map(
          (cells) =>
            `<table:table-row>${cells.map((cell) => `<table:table-cell office:value-type="string"><text:p>${escapeXml(cell)}</text:p></table:table-cell>`).join('')}</table:table-row>`,
        )
        .join('')}</table:table></office:spreadsheet></office:body></office:document-content>`,
    }),
};
const PAIRS = Object.keys(FORMATS).flatMap((before) =>
  Object.keys(FORMATS).map((after) => ({ before, after })),
);

let signatures = 0;
/** Each time signed again. */
const videoOf = (name: string): string =>
  `https://a.example/${name}.mp4?X-Amz-Date=20260531T120000Z&X-Amz-Expires=60&X-Amz-Signature=${++signatures}`;

async function read(format: string, table: Table): Promise<ReadManifest> {
  const content = await FORMATS[format]?.(table);
  if (content === undefined) throw new Error(format);
  return await readManifest(content, { fileName: `clips.${format}` });
}

type Found = Omit<FoundRow, 'settled'>;

function find(before: ReadManifest, after: ReadManifest, key: string[]) {
  const batch = { rows: before.rows.length, shape: before.shape };
  using finder = new RowFinder(batch, after, key);
  for (const row of before.rows) finder.addKnown(row);
  const found: Found[] = after.rows.map((row) => {
    const { settled: _, ...comparison } = finder.find(row);
    return comparison;
  });
  const missing = before.rows.filter(({ row }) => finder.isMissing(row)).length;
  return { found, missing, badKeys: finder.badKeys };
}

const same = (known: number): Found => ({
  known,
  isSame: true,
  isRepeated: false,
  mayBe: null,
  mayReturn: false,
});
const other = (known: number): Found => ({ ...same(known), isSame: false, mayReturn: true });
const added: Found = {
  known: null,
  isSame: false,
  isRepeated: false,
  mayBe: null,
  mayReturn: true,
};

describe('a row is the same row by its key', () => {
  test.for(PAIRS)(
    'a row is the same row by its key from $before to $after, whatever else changes',
    async (formats) => {
      const before = await read(formats.before, [
        ['sku', 'title', 'video_url'],
        ['A', 'one', videoOf('1')],
        ['B', 'two', videoOf('2')],
        ['C', 'three', videoOf('3')],
      ]);
      const after = await read(formats.after, [
        ['video_url', 'SKU', 'title', 'note'],
        [videoOf('9'), 'C', 'three', 'another video'],
        [videoOf('1'), ' A ', 'a new title', 'x'],
        [videoOf('4'), 'D', 'four', 'x'],
      ]);
      const { found, missing, badKeys } = find(before, after, ['sku']);
      expect(found).toEqual([other(3), same(1), added]);
      expect(missing).toBe(1);
      expect(badKeys).toEqual({ empty: 0, repeated: 0, examples: [] });
    },
  );

  test.for(PAIRS)(
    'a row is the same row by a key of several columns, from $before to $after',
    async (formats) => {
      const before = await read(formats.before, [
        ['sku', 'lang', 'video_url'],
        ['A', 'en', videoOf('1')],
        ['A', 'de', videoOf('2')],
        ['A', '', videoOf('3')],
        ['', 'A', videoOf('4')],
      ]);
      const after = await read(formats.after, [
        ['lang', 'sku', 'video_url'],
        ['de', 'A', videoOf('2')],
        ['A', '', videoOf('4')],
        ['', 'A', videoOf('3')],
        ['en', 'A', videoOf('8')],
        ['fr', 'A', videoOf('1')],
      ]);
      const { found, badKeys } = find(before, after, ['sku', 'lang']);
      expect(found).toEqual([same(2), same(4), same(3), other(1), added]);
      expect(badKeys.empty).toBe(0);
    },
  );

  test.for(PAIRS)(
    'a row is the same row by its key unless that is empty or repeated, from $before to $after',
    async (formats) => {
      const url = Array.from({ length: 6 }, (_, at) => videoOf(`${at}`));
      const before = await read(formats.before, [
        ['sku', 'lang', 'video_url'],
        ['A', 'en', url[1] ?? ''],
        ['', ' ', url[2] ?? ''],
        ['B', 'en', url[3] ?? ''],
      ]);
      const after = await read(formats.after, [
        ['sku', 'lang', 'video_url'],
        ['', ' ', url[2] ?? ''],
        ['A', 'en', url[1] ?? ''],
        ['A', 'en', url[4] ?? ''],
        ['', '', url[5] ?? ''],
        ['N', 'en', url[0] ?? ''],
        ['N', 'en', url[3] ?? ''],
      ]);
      const { found, missing, badKeys } = find(before, after, ['sku', 'lang']);
      // It has no usable key, so it was looked for by its cells.
      const alone: Found = { ...added, mayReturn: false };
      expect(found).toEqual([same(2), same(1), alone, alone, added, alone]);
      expect(missing).toBe(1);
      expect(badKeys).toMatchObject({ empty: 2, repeated: 2 });
      expect(badKeys.examples).toHaveLength(3);
    },
  );

  test('a malformed row is still there by its key, and takes no row from another one with that key', async () => {
    const before = await read('csv', [
      ['sku', 'note', 'video_url'],
      ['A', 'x', videoOf('1')],
      ['B', 'x', 'nota'],
      ['C', 'x', videoOf('3')],
      ['D', 'x', videoOf('4')],
    ]);
    const after = await read('csv', [
      ['sku', 'note', 'video_url'],
      ['A', 'x', videoOf('1')],
      ['B', 'y', 'nota'],
      ['C', 'y', 'nota'],
      ['C', 'y', videoOf('3')],
      ['', 'y', 'nota'],
    ]);
    const { found, missing, badKeys } = find(before, after, ['sku']);
    const malformed: Found = { ...added, mayReturn: false };
    expect(found).toEqual([same(1), malformed, malformed, same(3), malformed]);
    expect(missing).toBe(1);
    expect(badKeys).toMatchObject({ empty: 0, repeated: 0 });
  });
});

test('a row whose key an earlier row had is the same row once that one is gone, or comes after it', async () => {
  const url = ['1', '2', '3'].map((name) => videoOf(name));
  const names = ['sku', 'video_url'];
  const [first, other, second] = [
    ['a', url[0] ?? ''],
    ['b', url[1] ?? ''],
    ['a', url[2] ?? ''],
  ];
  const before = await read('csv', [names, first, other, second]);
  const corrected = await read('csv', [names, other, second]);
  expect(find(before, corrected, ['sku'])).toMatchObject({
    found: [same(2), same(3)],
    missing: 1,
    badKeys: { repeated: 0 },
  });
  const turned = await read('csv', [names, second, first]);
  expect(find(before, turned, ['sku'])).toMatchObject({ found: [same(3), same(1)], missing: 1 });
});

test('a row keeps its place whatever rows with its key are pasted above it', async () => {
  const url = ['1', '2', '3'].map((name) => videoOf(name));
  const names = ['sku', 'video_url'];
  const rows = url.map((video) => ['a', video]);
  const before = await read('csv', [names, ...rows.slice(0, 1)]);
  const after = await read('csv', [names, ...rows.toReversed()]);
  const batch = { rows: 1, shape: before.shape };
  using first = new RowFinder(batch, after, ['sku']);
  for (const row of before.rows) first.addKnown(row);
  for (const row of after.rows) first.find(row);
  expect([...first.displaced]).toEqual([1]);
  using second = new RowFinder(batch, after, ['sku'], first.displaced);
  for (const row of before.rows) second.addKnown(row);
  const found = after.rows.map((row) => second.find(row).known);
  expect(found).toEqual([null, null, 1]);
  expect(second.displaced.size).toBe(0);
  expect(second.badKeys).toMatchObject({ empty: 0, repeated: 2 });
});
