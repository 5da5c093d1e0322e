import { gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { textEncoder } from '../../../../src/lib/report/encode-text.ts';
import { openManifest } from '../../../../src/producer/manifest/open-manifest.ts';
import { outline, readManifest, signal, temporaryFile } from './manifest-fixture.ts';

/** What Excel writes as "CSV" in each country. */
const EXPORTS: [encoding: string, header: string, cells: string[]][] = [
  ['GB18030', 'video_url,名称,备注', ['厨房里的镜头', '已审核']],
  ['Big5', 'video_url,名稱,備註', ['廚房裡的鏡頭', '已審核']],
  ['Shift_JIS', 'video_url,名前,備考', ['キッチンの映像', '確認済み']],
  ['EUC-KR', 'video_url,이름,비고', ['부엌 장면', '검토됨']],
];

const textOf = (header: string, cells: string[], rows = 3): string =>
  [
    header,
    ...Array.from({ length: rows }, (_, n) => [`https://x/${n}.mp4`, ...cells].join(',')),
    '',
  ].join('\r\n');

describe('export in another encoding', () => {
  it.each(EXPORTS)(
    'an export in another encoding is read, and its report is written in it: %s',
    async (encoding, header, cells) => {
      const text = textOf(header, cells);
      const bytes = iconv.encode(text, encoding);
      const { shape, rows } = await readManifest(bytes);
      expect(shape).toMatchObject({ columns: header.split(','), encoding });
      expect(rows[2]?.cells).toEqual(['https://x/2.mp4', ...cells]);
      expect(textEncoder(shape, 'csv')(text)).toEqual(bytes);
      expect(textEncoder(shape, 'jsonl')(text)).toEqual(Buffer.from(text));
    },
  );

  it('an export in another encoding is read if it is compressed, and if its first such line is far down', async () => {
    const [encoding = '', header = '', cells = []] = EXPORTS[0] ?? [];
    const far = 'https://x/a.mp4,b,c\r\n'.repeat(20_000);
    const text = `video_url,n,m\r\n${far}${textOf(header, cells, 20).slice(header.length + 2)}`;
    const { rows, shape } = await readManifest(gzipSync(iconv.encode(text, encoding)), {
      fileName: 'a.csv.gz',
    });
    expect(shape.encoding).toBe('GB18030');
    expect(rows.at(-1)?.cells.slice(1)).toEqual(cells);
  });

  it('an export in another encoding is reported', async () => {
    const [encoding = '', header = '', cells = []] = EXPORTS[0] ?? [];
    await using file = await temporaryFile(iconv.encode(textOf(header, cells), encoding));
    await using manifest = await openManifest(file.path, { signal });
    expect(manifest.notes).toEqual([
      'The text is read as GB18030, and the report will be written in it, too; if names look wrong, save the table as "CSV UTF-8".',
    ]);
  });

  it.each([
    ['GB18030', ['张伟', '夏季连衣裙']],
    ['Big5', ['陳小姐', '夏季洋裝']],
    ['Shift_JIS', ['田中', 'ランプ']],
    ['EUC-KR', ['김철수', '여름 원피스']],
  ])(
    'an encoding is assumed if only a name or two are outside ASCII, and comes back byte for byte: %s',
    async (encoding, names) => {
      const text = textOf('video_url,name,note', names, 1);
      const bytes = iconv.encode(text, encoding);
      const { shape, rows } = await readManifest(bytes);
      expect(shape.encoding).toBe(encoding);
      expect(rows[0]?.cells).toEqual(['https://x/0.mp4', ...names]);
      expect(textEncoder(shape, 'csv')(text)).toEqual(bytes);
    },
  );

  it('an assumed encoding is reported as an assumption', async () => {
    const bytes = iconv.encode(textOf('video_url,name', ['张伟'], 1), 'GB18030');
    await using file = await temporaryFile(bytes);
    await using manifest = await openManifest(file.path, { signal });
    expect(manifest.notes).toEqual([
      'The few characters outside ASCII are most likely GB18030. They are read so, and the report will be written in it, so its bytes are the same in any case; if names look wrong, save the table as "CSV UTF-8".',
    ]);
  });

  it.each([
    ['an address', 'video_url,name', 'https://x/视频.mp4,a', []],
    ['a key', 'video_url,sku', 'https://x/a.mp4,张伟', ['sku']],
    [
      'a key of an object',
      '{"video_url":"https://x/b.mp4","sku":"1"}',
      '{"video_url":"https://x/a.mp4","sku":"张伟"}',
      ['sku'],
    ],
  ])('an encoding is not assumed in %s', async (_, header, row, key) => {
    const { rows } = await readManifest(iconv.encode(`${header}\n${row}\n`, 'GB18030'), { key });
    expect(rows.at(-1)?.defect?.code).toBe('bad_encoding');
  });

  it.each([
    ['windows-1252', ['Müller', 'café', 'Größe', 'crème brûlée', '10 €', 'Çelik']],
    ['windows-1250', ['Łódź', 'žluťoučký']],
    ['windows-1251', ['Кухня', 'Красное платье', 'Иванов']],
    ['windows-1253', ['Κουζίνα']],
  ])(
    'an encoding is not assumed in text of a code page of single bytes: %s',
    async (encoding, names) => {
      for (const name of names) {
        const { rows } = await readManifest(
          iconv.encode(textOf('video_url,name', [name], 1), encoding),
        );
        expect([name, rows[0]?.defect?.code]).toEqual([name, 'bad_encoding']);
      }
    },
  );

  it('an export in another encoding is not detected in UTF-8 with a damaged row', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${textOf('video_url,名称', ['厨房'], 50)}a,`),
      Buffer.from('caf\xe9\r\n', 'latin1'),
    ]);
    const { rows, shape } = await readManifest(bytes);
    expect(shape.encoding).toBeUndefined();
    expect(outline(rows.slice(-1))).toEqual(['row 51 line 52 bad_encoding']);
  });

  it.each(['a.csv', 'a.csv.gz'])(
    'no encoding is detected or reported in %s, whose byte order mark says UTF-8',
    async (fileName) => {
      const text = iconv.encode(textOf('video_url,name', ['厨房里的镜头'], 50), 'GB18030');
      const bytes = Buffer.concat([Buffer.from('\ufeff'), text]);
      const content = fileName.endsWith('.gz') ? gzipSync(bytes) : bytes;
      await using file = await temporaryFile(content);
      await using manifest = await openManifest(file.path, { fileName, signal });
      expect(manifest.notes).toEqual([]);
      expect(manifest.shape.encoding).toBeUndefined();
      const { value: rows } = await manifest.rows().next();
      expect(outline(rows.slice(-1))).toEqual(['row 50 line 51 bad_encoding']);
    },
  );
});

describe('byte order mark', () => {
  it.each([
    ['UTF-8', Buffer.from('\ufeffvideo_url\nhttps://x/é.mp4\n')],
    ['UTF-16', iconv.encode('\ufeffvideo_url\nhttps://x/é.mp4\n', 'utf-16le')],
  ])('a byte order mark comes back with the report: %s', async (_, bytes) => {
    const { shape } = await readManifest(bytes);
    expect(textEncoder(shape, 'csv')('video_url\nhttps://x/é.mp4\n')).toEqual(bytes);
  });
});
