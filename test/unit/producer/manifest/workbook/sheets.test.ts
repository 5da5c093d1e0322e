import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ManifestRow } from '../../../../../src/lib/core/manifest/manifest.ts';
import {
  type OpenManifestOptions,
  openManifest,
} from '../../../../../src/producer/manifest/open-manifest.ts';
import { collect, errorOf, signal, temporaryFile } from '../manifest-fixture.ts';
import { relations, textRow, zip } from './workbook-fixture.ts';

/** Files as other programs wrote them; see the table in docs/manifests.md. */
const TABLES = join(import.meta.dirname, '../../../../corpus/tables');

interface Opened {
  notes: readonly string[];
  columns: string[];
  rows: ManifestRow[];
}

async function open(path: string, options: Partial<OpenManifestOptions> = {}): Promise<Opened> {
  await using manifest = await openManifest(path, { signal, ...options });
  const rows = (await collect(manifest.rows())).flat();
  return { notes: manifest.notes, columns: manifest.shape.columns, rows };
}

const PROMO = (n: number): string => `promo_x1080_v${n}.mp4`;

describe('table of another program', () => {
  const row = (n: number, url = `https://x.example/${n}.mp4`): string[] => [
    url,
    PROMO(n),
    '26:30:00',
    '09:05:00',
    '2026-05-31',
    '0.3',
  ];

  it.each([
    ['openpyxl-3.0.xlsx', 'https://x.example/under-a-text.mp4'],
    ['libreoffice-7.4.ods', 'https://x.example/under-a-text.mp4'],
    ['libreoffice-7.4.fods', 'https://x.example/under-a-text.mp4'],
    // Gnumeric drops links when it converts.
    ['gnumeric-1.12.ods', 'watch'],
    ['gnumeric-1.12.xlsx', 'watch'],
  ])('a table of another program is read as %s shows it', async (file, linked) => {
    const { notes, rows } = await open(join(TABLES, file));
    expect(rows.map(({ cells }) => cells)).toEqual([
      row(0),
      row(1, linked),
      row(2),
      row(3),
      ['https://x.example/5.mp4', 'two\nlines', '', '', '', ''],
    ]);
    expect(rows.map(({ line }) => line)).toEqual([3, 4, 5, 6, 8]);
    expect(notes.slice(0, 2)).toEqual([
      'The header is in line 2; the 1 row above it is left out.',
      'This includes 1 row that a filter or a person has hidden; to leave hidden rows out use --skip-hidden.',
    ]);
    expect(notes[2]).toMatch(
      /^Not read, though it could be: sheet "Ids" \(1 row\), (hidden )?sheet "Old"/,
    );
  });

  it.each(['openpyxl-3.0.xlsx', 'libreoffice-7.4.ods', 'libreoffice-7.4.fods'])(
    'a table of another program is read without its hidden rows on demand: %s',
    async (file) => {
      const { rows, notes } = await open(join(TABLES, file), { skipsHidden: true });
      expect(rows.map(({ line }) => line)).toEqual([3, 4, 6, 8]);
      expect(notes[1]).toBe('Left out: 1 row that a filter or a person has hidden.');
    },
  );

  it('a table of another program returns its links as XlsxWriter writes them, by relation and by formula', async () => {
    const { rows } = await open(join(TABLES, 'xlsxwriter-3.0.xlsx'));
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['https://x.example/1.mp4?sig=a&b=c', ''],
      ['https://x.example/2.mp4', ''],
      ['https://x.example/3.mp4', 'promo_x1080_v2.mp4'],
    ]);
  });
});

describe('all sheets', () => {
  it('all sheets are one table with a column that says where each row comes from', async () => {
    const { columns, rows, notes } = await open(join(TABLES, 'libreoffice-7.4.ods'), {
      sheet: 'all',
    });
    expect(columns.slice(-3)).toEqual(['video_id', 'task_id', 'sheet']);
    expect(rows.map(({ row, line, cells }) => [row, line, cells.at(-1)])).toEqual([
      [1, 3, 'Clips & more'],
      [2, 4, 'Clips & more'],
      [3, 5, 'Clips & more'],
      [4, 6, 'Clips & more'],
      [5, 8, 'Clips & more'],
      [6, 2, 'Ids'],
    ]);
    expect(rows[5]?.cells.slice(-3)).toEqual(['784912347344945201', '784912347344945317', 'Ids']);
    expect(notes[0]).toBe('Read from sheet "Clips & more" (5 rows), sheet "Ids" (1 row).');
  });

  it('all sheets put columns of the same role together, whatever their names', async () => {
    await using file = await temporaryFile(
      await twoSheets(
        textRow('video_url', 'sheet') + textRow('https://x/1.mp4', 'mine'),
        textRow('n', 'Link', 'kling_row') + textRow('7', 'https://x/2.mp4', '3'),
      ),
    );
    const { columns, rows } = await open(file.path, { sheet: 'all' });
    expect(columns).toEqual(['video_url', 'sheet', 'n', 'sheet_2']);
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['https://x/1.mp4', 'mine', '', 'A'],
      ['https://x/2.mp4', '', '7', 'B'],
    ]);
  });
});

describe('first sheet without videos', () => {
  it('a first sheet without videos is refused with the names of the sheets that have some', async () => {
    await using file = await temporaryFile(
      await twoSheets(
        textRow('Read me') + textRow('Please'),
        textRow('video_url') + textRow('https://x/1.mp4').repeat(3),
      ),
    );
    const error = await errorOf(open(file.path));
    expect(error.message).toMatch(
      /the columns found are "Read me"\..* The sheet "B" \(3 rows\) has such columns: use --sheet "B"\.$/,
    );
  });
});

it('errors are shown as LibreOffice 7.4 shows them, which writes them beside an empty value', async () => {
  const names = ['office', 'table', 'text']
    .map((name) => `xmlns:${name}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`)
    .join(' ');
  const cell = (text: string, value: string): string =>
    `<table:table-cell office:value-type="string"${value}><text:p>${text}</text:p></table:table-cell>`;
  const line = (first: string, second: string): string =>
    `<table:table-row>${cell(first, '')}${second}</table:table-row>`;
  const lines =
    line('video_url', cell('n', '')) + line('u', cell('#DIV/0!', ' office:string-value=""'));
  await using file = await temporaryFile(
    `<?xml version="1.0"?><office:document ${names}><office:body><office:spreadsheet><table:table table:name="A">${lines}</table:table></office:spreadsheet></office:body></office:document>`,
    'a.fods',
  );
  expect((await open(file.path)).rows.map(({ cells }) => cells)).toEqual([['u', '#DIV/0!']]);
});

async function twoSheets(a: string, b: string): Promise<Buffer> {
  return await zip({
    '_rels/.rels': relations([['officeDocument', 'xl/workbook.xml']]),
    'xl/_rels/workbook.xml.rels': relations([
      ['worksheet', 'worksheets/a.xml'],
      ['worksheet', 'worksheets/b.xml'],
    ]),
    'xl/workbook.xml':
      '<workbook xmlns:r="r"><sheets><sheet name="A" r:id="rId1"/><sheet name="B" r:id="rId2"/></sheets></workbook>',
    'xl/worksheets/a.xml': `<worksheet><sheetData>${a}</sheetData></worksheet>`,
    'xl/worksheets/b.xml': `<worksheet><sheetData>${b}</sheetData></worksheet>`,
  });
}
