import { createHash } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { writeXlsx } from 'hucre/xlsx';
import { describe, expect, it } from 'vitest';
import { checkRow } from '../../../../../src/lib/core/manifest/check-row.ts';
import { openManifest } from '../../../../../src/producer/manifest/open-manifest.ts';
import {
  collect,
  errorOf,
  outline,
  readManifest,
  signal,
  temporaryFile,
} from '../manifest-fixture.ts';
import {
  type Parts,
  relations,
  textRow,
  workbook,
  workbookParts,
  zip,
} from './workbook-fixture.ts';

const ID = '857123456789012345';
const TASK = '857123456789012347';
const HEADER = textRow('video_url', 'note');

const textCell = (text: string): string => `<c t="inlineStr"><is><t>${text}</t></is></c>`;

async function cellsOf(sheetData: string, fields: Parts = {}): Promise<string[][]> {
  return (await readManifest(await workbook(sheetData, fields))).rows.map((row) => row.cells);
}

/** The value that a manifest reads in the second column of a row. */
async function noteOf(cell: string, fields: Parts = {}): Promise<string | undefined> {
  const [row] = await cellsOf(`${HEADER}<row><c t="str"><v>u</v></c>${cell}</row>`, fields);
  return row?.[1];
}

async function problemsOf(row: string): Promise<string[]> {
  const header = textRow('video_id', 'task_id', 'note');
  const { rows, shape } = await readManifest(await workbook(header + row));
  const [first] = rows;
  const checked = first ? checkRow(shape, first) : null;
  return checked?.ok === false ? checked.problems.map(({ message }) => message) : [];
}

describe('workbook of another program', () => {
  it('a workbook of another program is read as its sheet shows it', async () => {
    const content = await writeXlsx({
      sheets: [
        {
          name: 'Clips',
          rows: [
            ['video_url', 'name', 'seconds', 'ready', 'day'],
            ['https://x/1.mp4', '名前 👩‍👩‍👧 <&>', 4.5, true, new Date(Date.UTC(2026, 4, 31))],
            [],
            ['https://x/2.mp4', 'a\nb', 30, false, new Date(Date.UTC(2026, 4, 31, 14, 30))],
          ],
        },
      ],
    });
    const manifest = await readManifest(content, { fileName: 'clips.xlsx' });
    expect(manifest.name).toBe('clips');
    expect(manifest.sha256).toBe(createHash('sha256').update(content).digest('hex'));
    expect(manifest.shape).toMatchObject({ format: 'csv', delimiter: ',' });
    expect(manifest.rows).toEqual([
      {
        row: 1,
        line: 2,
        cells: ['https://x/1.mp4', '名前 👩‍👩‍👧 <&>', '4.5', 'TRUE', '2026-05-31'],
      },
      {
        row: 2,
        line: 4,
        cells: ['https://x/2.mp4', 'a\nb', '30', 'FALSE', '2026-05-31T14:30:00'],
      },
    ]);
  });
});

describe('cell', () => {
  const strings = {
    'xl/sharedStrings.xml':
      '<sst><si><t>plain</t></si><si><r><t>rich </t></r><r><t xml:space="preserve">text</t></r><rPh sb="0" eb="1"><t>PHONETIC</t></rPh></si><si><t>a_x000D_b &lt;&#233;&gt;</t></si></sst>',
  };
  const styles = {
    'xl/styles.xml':
      '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="22"/></cellXfs></styleSheet>',
  };

  it.each([
    ['a shared string', '<c t="s"><v>0</v></c>', 'plain'],
    ['rich text, without its pronunciation', '<c t="s"><v>1</v></c>', 'rich text'],
    ['a string with escapes and entities', '<c t="s"><v>2</v></c>', 'a\rb <é>'],
    ['a name that looks like an escape', textCell('promo_x1080_v2.mp4'), 'promo_x1080_v2.mp4'],
    ['that name, escaped', textCell('promo_x005F_x1080_v2.mp4'), 'promo_x1080_v2.mp4'],
    ['a string that is not there', '<c t="s"><v>99</v></c>', ''],
    ['its own rich text', '<c t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>', 'ab'],
    ['CDATA', '<c t="inlineStr"><is><t><![CDATA[a<b]]></t></is></c>', 'a<b'],
    ['spaces', '<c t="inlineStr"><is><t xml:space="preserve"> a </t></is></c>', ' a '],
    ['a whole number', '<c><v>30</v></c>', '30'],
    ['a fraction that a computer cannot hold', '<c><v>0.30000000000000004</v></c>', '0.3'],
    ['a number with an exponent', '<c><v>1.5E3</v></c>', '1500'],
    ['18 digits that were written as they are', `<c><v>${ID}</v></c>`, ID],
    [
      '18 digits as Excel stores them',
      '<c><v>8.5712345678901197E+17</v></c>',
      '857123456789012000',
    ],
    ['a date', '<c s="1"><v>46173</v></c>', '2026-05-31'],
    ['a date and time', '<c s="2"><v>46173.604166666664</v></c>', '2026-05-31T14:30:00'],
    ['an ISO date', '<c t="d"><v>2026-05-31</v></c>', '2026-05-31'],
    ['true', '<c t="b"><v>1</v></c>', 'TRUE'],
    ['false', '<c t="b"><v>0</v></c>', 'FALSE'],
    ['an error', '<c t="e"><v>#N/A</v></c>', '#N/A'],
    ["a formula's result", '<c t="str"><f>A1&amp;"x"</f><v>ux</v></c>', 'ux'],
    ["a formula's number", '<c><f>1+1</f><v>2</v></c>', '2'],
    ['a formula whose result is empty', '<c t="str"><f>""</f><v></v></c>', ''],
    ['a formula without a result', '<c><f>1+1</f></c>', ''],
    ['nothing', '<c s="1"/>', ''],
  ])('a cell may hold %s', async (_, cell, text) => {
    expect(await noteOf(cell, { ...strings, ...styles })).toBe(text);
  });

  it('a cell may be a date that counts from 1904', async () => {
    const { 'xl/workbook.xml': book = '' } = workbookParts('');
    const with1904 = String(book).replace('<sheets>', '<workbookPr date1904="1"/><sheets>');
    const fields = { ...styles, 'xl/workbook.xml': with1904 };
    expect(await noteOf('<c s="1"><v>44711</v></c>', fields)).toBe('2026-05-31');
  });
});

describe('link', () => {
  const linked = async (formula: string): Promise<string[]> => {
    const cell = `<c t="str"><f>${formula}</f><v>watch</v></c>`;
    const { rows } = await readManifest(
      await workbook(`${textRow('video_url')}<row>${cell}</row>`),
    );
    return rows.map(({ cells, defect }) => defect?.message ?? cells[0] ?? '');
  };

  it('a link that a formula holds is taken', async () => {
    expect(await linked('HYPERLINK("https://x.example/1.mp4","watch")')).toEqual([
      'https://x.example/1.mp4',
    ]);
  });

  it.each([
    ['HYPERLINK(Links!A1,"watch")', '=Links!A1'],
    ['HYPERLINK(A9)', '=A9'],
    ['HYPERLINK("https://x.example/"&amp;A2,"watch")', '="https://x.example/"&A2'],
    ['IF(A2,HYPERLINK(B2,"watch"),"")', '=IF(A2,HYPERLINK(B2,"watch"),"")'],
    ['HYPERLINK("#Links!A1","watch")', '#Links!A1'],
    ['HYPERLINK("clips/1.mp4","watch")', 'clips/1.mp4'],
  ])('a link to anything else is refused with what it points at: %s', async (formula, target) => {
    expect(await linked(formula)).toEqual([
      `Line 2, column "video_url": the link under "watch" points at "${target}", which is no address of a video; write the address into the cell.`,
    ]);
  });
});

describe('id', () => {
  const ROUNDED = '<c><v>8.5712345678901197E+17</v></c>';

  it.each([
    ['as text', textRow(ID, TASK)],
    [
      'as a number that no spreadsheet rounds',
      '<row><c><v>999999999999999</v></c><c><v>1</v></c></row>',
    ],
    [
      'as digits that floating point cannot hold',
      `<row><c><v>${ID}</v></c><c><v>${ID.slice(0, -1)}7</v></c></row>`,
    ],
    [
      'beside a rounded number of your own',
      textRow(ID, TASK).replace('</row>', `${ROUNDED}</row>`),
    ],
  ])('an id is fine %s', async (_, row) => {
    expect(await problemsOf(row)).toEqual([]);
  });

  it.each([
    ['as Excel stores it', ROUNDED],
    ['with digits that floating point holds', `<c><v>${BigInt(Number(ID))}</v></c>`],
    ['with digits that were filled up', `<c><v>${Number(ID)}</v></c>`],
  ])('an id is refused as a number that a spreadsheet rounds, %s', async (_, cell) => {
    expect(await problemsOf(`<row>${cell}<c t="str"><v>${ID}</v></c></row>`)).toEqual([
      expect.stringMatching(
        /^Line 2, column "video_id": "8\.5712345678901\d*E\+17" is an id that a spreadsheet turned into a number, which lost its last digits; format the column as text/,
      ),
    ]);
  });

  it('an id is refused if it is a formula without a result', async () => {
    expect(await problemsOf('<row><c><f>B2</f></c></row>')).toEqual([
      expect.stringMatching(/^Line 2, column "video_id" holds a formula without its result/),
    ]);
  });
});

describe('row', () => {
  it('a row keeps its number, and empty rows are skipped', async () => {
    const data = `<row r="3"><c r="B3" t="str"><v>video_url</v></c></row><row r="4"/><row r="5"><c r="B5" s="1"/></row><row r="900000"><c r="B900000" t="str"><v>u</v></c></row>`;
    const manifest = await readManifest(await workbook(data));
    expect(outline(manifest.rows)).toEqual(['row 1 line 900000 ok']);
    expect(manifest.rows[0]?.cells).toEqual(['', 'u']);
  });

  it('a row may omit cells', async () => {
    const data = `${textRow('video_url', 'a', 'b', 'c')}<row><c r="C2" t="str"><v>x</v></c></row>`;
    expect(await cellsOf(data)).toEqual([['', '', 'x', '']]);
  });

  it('a row is reported if it has a cell beyond the header', async () => {
    const { rows } = await readManifest(await workbook(HEADER + textRow('u', 'n', '', 'stray')));
    expect(rows[0]?.cells).toEqual(['u', 'n', '', 'stray']);
    expect(rows[0]?.defect?.message).toMatch(/^Line 2 has a cell "stray" to the right of/);
  });

  it('a row drops its kling_* cells', async () => {
    const data =
      textRow('kling_row', 'video_url', 'kling_error', 'note') + textRow('1', 'u', 'x', 'n');
    expect(await cellsOf(data)).toEqual([['u', 'n']]);
  });

  it('a row over 128 KiB is one bad row', async () => {
    const long = textRow('u', 'x'.repeat(600_000), 'y'.repeat(600_000));
    const { rows } = await readManifest(await workbook(HEADER + long + textRow('v', 'n')));
    expect(outline(rows)).toEqual(['row 1 line 2 record_too_long', 'row 2 line 3 ok']);
  });
});

describe('rows of a workbook', () => {
  const many = (): Promise<Buffer> =>
    workbook(HEADER + textRow('u', 'n'.repeat(50)).repeat(20_000));

  it('the rows of a workbook may be read twice at the same time', async () => {
    await using file = await temporaryFile(await many());
    await using manifest = await openManifest(file.path, { signal });
    const [first, second] = await Promise.all([collect(manifest.rows()), collect(manifest.rows())]);
    expect(first.flat()).toHaveLength(20_000);
    expect(second).toEqual(first);
  });

  it('the rows of a workbook end with an error if the file changes meanwhile', async () => {
    await using file = await temporaryFile(await many());
    await using manifest = await openManifest(file.path, { signal });
    const rows = manifest.rows();
    await rows.next();
    await appendFile(file.path, 'more');
    expect((await errorOf(collect(rows))).code).toBe('changed');
  });

  it('the rows of a workbook end at once when they are aborted', async () => {
    const controller = new AbortController();
    await using file = await temporaryFile(await many());
    await using manifest = await openManifest(file.path, { signal: controller.signal });
    const rows = manifest.rows();
    await rows.next();
    controller.abort(new Error('enough'));
    await expect(collect(rows)).rejects.toThrow('enough');
  });
});

describe('sheet', () => {
  const sheets = {
    '_rels/.rels': relations([['officeDocument', '/xl/workbook.xml']]),
    'xl/_rels/workbook.xml.rels': relations([
      ['worksheet', 'worksheets/a.xml'],
      ['worksheet', 'worksheets/b.xml'],
      ['chartsheet', 'chartsheets/c.xml'],
    ]),
    'xl/workbook.xml':
      '<x:workbook xmlns:x="m" xmlns:q="r"><x:sheets><x:sheet name="Chart" q:id="rId3"/><x:sheet name="Old" state="veryHidden" q:id="rId1"/><x:sheet name="Prénoms" q:id="rId2"/></x:sheets></x:workbook>',
    'xl/worksheets/a.xml': `<worksheet><sheetData>${HEADER}${textRow('old', '')}</sheetData></worksheet>`,
    'xl/worksheets/b.xml': `<worksheet><sheetData>${HEADER}${textRow('new', '')}</sheetData></worksheet>`,
  };
  const read = async (sheet?: string): Promise<string | undefined> => {
    const manifest = await readManifest(await zip(sheets), sheet === undefined ? {} : { sheet });
    return manifest.rows[0]?.cells[0];
  };

  it('the first visible sheet is read by default', async () => {
    expect(await read()).toBe('new');
  });

  it('the named sheet is read, hidden or not', async () => {
    expect(await read('old')).toBe('old');
  });

  it('a sheet that is missing is reported, with the names of the existing ones', async () => {
    const error = await errorOf(read('Nope'));
    expect(error.message).toMatch(/has no sheet "Nope"; it has "Old", "Prénoms"\.$/);
  });

  it('a sheet cannot be chosen for a CSV', async () => {
    const error = await errorOf(readManifest('video_url\nu\n', { sheet: 'Old' }));
    expect(error.message).toMatch(/is not a workbook and has no sheets; leave out --sheet\.$/);
  });
});
