import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { errorOf, readManifest } from '../manifest-fixture.ts';
import { relations, textRow, workbook, workbookParts, zip } from './workbook-fixture.ts';

const HEADER = textRow('video_url', 'note');

describe('a workbook is refused', () => {
  const ole = (text: string): Buffer =>
    Buffer.concat([
      Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      Buffer.alloc(200_000),
      Buffer.from(text, 'utf16le'),
    ]);
  const small = (): Promise<Buffer> => workbook(HEADER + textRow('u', 'n'));
  const damaged = async (): Promise<Buffer> => {
    const bytes = await zip({ ...workbookParts(HEADER + textRow('u', 'n')) });
    const at = bytes.indexOf('xl/worksheets/sheet1.xml') + 'xl/worksheets/sheet1.xml'.length;
    return bytes.fill(0x55, at + 20, at + 24);
  };
  const sheet = (xml: string): Promise<Buffer> => workbook('', { 'xl/worksheets/sheet1.xml': xml });

  it.each<[string, () => Promise<Buffer> | Buffer, string, RegExp]>([
    [
      'of the old format',
      () => ole('Workbook'),
      'unsupported_format',
      /\(\.xls\); save it as \.xlsx/,
    ],
    ['with a password', () => ole('EncryptedPackage'), 'unsupported_format', /remove the password/],
    [
      'that is a text document',
      () => zip({ mimetype: 'x', 'content.xml': '<a/>' }),
      'unsupported_format',
      /an OpenDocument file without a table/,
    ],
    [
      'of LibreOffice with a password',
      () =>
        zip({
          'content.xml': 'x',
          'META-INF/manifest.xml':
            '<manifest:manifest><manifest:encryption-data/></manifest:manifest>',
        }),
      'unsupported_format',
      /remove the password/,
    ],
    [
      'of Numbers',
      () => zip({ 'Index/Document.iwa': 'x' }),
      'unsupported_format',
      /a Numbers document; export it as Excel or CSV/,
    ],
    [
      'of Word',
      () =>
        zip({
          '_rels/.rels': relations([['officeDocument', 'word/document.xml']]),
          'word/document.xml': '<w:document/>',
        }),
      'unsupported_format',
      /is a Word document; put its table into a spreadsheet and import that\.$/,
    ],
    [
      'in binary',
      () =>
        zip({
          '_rels/.rels': relations([['officeDocument', 'xl/workbook.bin']]),
          'xl/workbook.bin': '',
        }),
      'unsupported_format',
      /\(\.xlsb\)/,
    ],
    [
      'that is another archive',
      () => zip({ 'a.csv': 'video_url\nu' }),
      'unsupported_format',
      /ZIP archive/,
    ],
    ['inside a gzip', async () => gzipSync(await small()), 'unsupported_format', /decompress it/],
    ['that is cut', async () => (await small()).subarray(0, 900), 'workbook_broken', /is damaged/],
    ['that is damaged', damaged, 'workbook_broken', /is damaged/],
    [
      'without its sheet',
      () =>
        zip({
          ...workbookParts(''),
          'xl/_rels/workbook.xml.rels': relations([['worksheet', 'gone.xml']]),
        }),
      'workbook_broken',
      /xl\/gone.xml is missing/,
    ],
    [
      'without any sheet',
      () => zip({ ...workbookParts(''), 'xl/_rels/workbook.xml.rels': relations([]) }),
      'empty',
      /has no sheet/,
    ],
    ['with an empty sheet', () => workbook(''), 'empty', /a\.xlsx \(sheet "One"\) is empty/],
    ['with a header alone', () => workbook(HEADER), 'no_rows', /no rows/],
    [
      'without a header',
      () => workbook(textRow('https://x/1.mp4')),
      'no_header',
      /where the header should be/,
    ],
    [
      'without a column to use',
      () => workbook(textRow('a') + textRow('b')),
      'no_usable_column',
      /a\.xlsx \(sheet "One"\) has no column/,
    ],
    ['with half a sheet', () => sheet('<worksheet><sheetData>'), 'workbook_broken', /unclosed tag/],
    [
      'that is not UTF-8',
      () => workbook(HEADER, { 'xl/styles.xml': Buffer.from('<a b="\xff"/>', 'latin1') }),
      'workbook_broken',
      /not valid/,
    ],
    [
      'with entities that expand',
      () =>
        sheet(`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>`),
      'workbook_broken',
      /undefined entity/,
    ],
    ['nested without end', () => sheet('<a>'.repeat(100)), 'workbook_broken', /nested too deeply/],
    [
      'with a text without end',
      () => sheet(`<a>${' '.repeat(9_000_000)}`),
      'workbook_broken',
      /endless/,
    ],
    [
      'with a column beyond the last',
      () => workbook('<row><c r="XFE1" t="b"><v>1</v></c></row>'),
      'workbook_broken',
      /more columns/,
    ],
    [
      'that is a bomb',
      () => sheet(' '.repeat(70_000_000)),
      'workbook_bomb',
      /more than 200 times its size/,
    ],
  ])('%s', async (_, content, code, message) => {
    const error = await errorOf(readManifest(await content(), { fileName: 'a.xlsx' }));
    expect(error.message).toMatch(message);
    expect(error.code).toBe(code);
  });

  it('if another format is requested', async () => {
    const error = await errorOf(readManifest(await small(), { format: 'csv' }));
    expect(error.message).toMatch(/is a workbook; leave out --format csv/);
  });

  it('if the file is not a workbook, and one is requested', async () => {
    const error = await errorOf(readManifest('video_url\nu\n', { format: 'xlsx' }));
    expect(error.message).toMatch(/is no workbook; leave out --format xlsx/);
  });
});

describe('hostile sheet', () => {
  it('a hostile sheet that declares a million rows costs nothing', async () => {
    const xml = `<worksheet><dimension ref="A1:XFD1048576"/><sheetData>${HEADER}${textRow('u', 'n')}</sheetData></worksheet>`;
    const content = await workbook('', { 'xl/worksheets/sheet1.xml': xml });
    expect((await readManifest(content)).rows).toHaveLength(1);
  });

  it('a hostile sheet that fills only the last column costs only what its rows cost', async () => {
    const rows = '<row><c r="XFD1" t="b"><v>1</v></c></row>'.repeat(300);
    const manifest = await readManifest(await workbook(HEADER + rows));
    expect(manifest.rows[299]?.defect?.code).toBe('ragged_line');
  });
});
