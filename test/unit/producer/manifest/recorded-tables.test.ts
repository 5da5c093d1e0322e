import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkRow } from '../../../../src/lib/core/manifest/check-row.ts';
import { openManifest } from '../../../../src/producer/manifest/open-manifest.ts';
import { errorOf, readInput, readManifest, signal } from './manifest-fixture.ts';
import { textRow, workbookParts, zip } from './workbook/workbook-fixture.ts';

/** Tables as the programs wrote them of which they bear the name. test/corpus/README.md says how each was made. */
const recorded = (name: string): string =>
  join(import.meta.dirname, '../../../corpus/tables', name);

async function notesOf(name: string): Promise<readonly string[]> {
  await using manifest = await openManifest(recorded(name), { signal });
  return manifest.notes;
}

/** Of each row its number and `ok`, or the codes of its problems. */
async function judge(name: string): Promise<string[]> {
  const { rows, shape } = await readInput(recorded(name));
  return rows.map((row) => {
    const checked = checkRow(shape, row);
    const codes = checked.ok ? ['ok'] : checked.problems.map(({ code }) => code);
    return `${row.row} ${[...new Set(codes)].join(' ')}`;
  });
}

describe('ids as programs wrote them', () => {
  it.each([
    'exceljs-4.4.csv', // 784912347344945200
    'gnumeric-1.12-of-a-workbook.csv', // the same
    'libreoffice-7.4.csv', // 7.84912347344945E+017
    'sheetjs-0.18.csv', // 7.84912E+17
  ])('ids as programs wrote them are refused in every row of %s', async (name) => {
    const codes = [1, 2, 3, 4].map((row) => `${row} mangled_id`);
    expect(await judge(name)).toEqual(codes);
  });

  it.each([
    ['pandas-1.5.csv', 'mangled_id'], // 7.849123473449452e+17
    ['pandas-1.5.jsonl', 'id_is_number'], // 7.849123473e+17
  ])(
    'ids as programs wrote them are refused where a gap made %s write floating point, as %s',
    async (name, code) => {
      expect(await judge(name)).toEqual(['1 ok', `2 ${code}`, `3 ${code}`]);
    },
  );

  it('ids as programs wrote them are taken from Gnumeric, which keeps all digits', async () => {
    expect(await judge('gnumeric-1.12.csv')).toEqual(['1 ok', '2 ok', '3 ok', '4 ok']);
  });

  it.each(['exceljs-4.4.xlsx', 'sheetjs-0.18.xlsx', 'sheetjs-0.18.ods', 'sheetjs-0.18.fods'])(
    'ids as programs wrote them are refused as numbers of %s, beside the address of another row',
    async (name) => {
      expect(await judge(name)).toEqual(['1 ok', '2 mangled_id']);
    },
  );

  it('ids as programs wrote them are refused as numbers and taken as text in a workbook of openpyxl', async () => {
    expect(await judge('openpyxl-3.0-ids.xlsx')).toEqual(['1 mangled_id', '2 ok']);
  });
});

describe('export of LibreOffice in the encoding of a country', () => {
  it.each([
    ['libreoffice-7.4-gb18030.csv', 'GB18030', '厨房里的镜头'],
    ['libreoffice-7.4-big5.csv', 'Big5', '廚房裡的鏡頭'],
    ['libreoffice-7.4-shift-jis.csv', 'Shift_JIS', 'キッチンの映像'],
  ])(
    'an export of LibreOffice in the encoding of a country is recognised: %s',
    async (name, encoding, cell) => {
      const { rows, shape } = await readInput(recorded(name));
      expect(shape.encoding).toBe(encoding);
      expect(rows.map(({ cells }) => cells[1])).toEqual([cell, cell]);
      expect(await notesOf(name)).toHaveLength(1);
    },
  );
});

/** `<row>` becomes `<x:row>`, and the namespace moves to the prefix. */
const withPrefix = (xml: string): string =>
  xml.replaceAll(/<(\/?)(\w+)/g, '<$1x:$2').replace('xmlns=', 'xmlns:x=');

describe('workbook', () => {
  it('a workbook shows times that count from 1904 as openpyxl meant them', async () => {
    const { rows } = await readInput(recorded('openpyxl-3.0-1904.xlsx'));
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['https://x.example/1.mp4', '2026-05-31', '09:05:00', '26:30:00'],
    ]);
  });

  it('a workbook gives the address under a text as exceljs stores it', async () => {
    const { rows } = await readInput(recorded('exceljs-4.4.xlsx'));
    expect(rows[0]?.cells).toEqual(['https://x.example/1.mp4', '', '', 'a']);
  });

  it('a workbook may have prefixed names, as the SDK of .NET writes them', async () => {
    const parts = workbookParts(
      textRow('video_url', 'n') + textRow('https://x.example/1.mp4', '1'),
    );
    const prefixed = Object.entries(parts).map(([name, xml]) => [
      name,
      name.endsWith('.rels') ? xml : withPrefix(String(xml)),
    ]);
    const { rows } = await readManifest(await zip(Object.fromEntries(prefixed)), {
      fileName: 'a.xlsx',
    });
    expect(rows.map(({ cells }) => cells)).toEqual([['https://x.example/1.mp4', '1']]);
  });
});

describe('file that a program named like a workbook', () => {
  it.each([
    ['libreoffice-7.4-html.xls', /is an HTML page, not a table/],
    ['sheetjs-0.18-html.xls', /is an HTML page, not a table/],
    ['sheetjs-0.18-2003.xls', /is a workbook in the XML format of 2003/],
    ['sheetjs-0.18.xls', /is a workbook of the old format \(\.xls\)/],
  ])(
    'a file that a program named like a workbook is refused with what it is: %s',
    async (name, sentence) => {
      const error = await errorOf(openManifest(recorded(name), { signal }));
      expect(error.message).toMatch(sentence);
    },
  );
});
