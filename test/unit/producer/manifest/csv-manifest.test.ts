import { describe, expect, it } from 'vitest';
import { openManifest } from '../../../../src/producer/manifest/open-manifest.ts';
import { cellsOf, outline, readManifest, signal, temporaryFile } from './manifest-fixture.ts';

const LONGEST_BYTES = 128 * 1024;

describe('CSV manifest', () => {
  it.each([
    [',', 'name,video_url\na,https://x/1.mp4\n'],
    [';', 'name;video_url\n"1,5";https://x/1,2.mp4\n'],
    ['\t', 'name\tvideo_url\na, b; c\thttps://x/1.mp4\n'],
    ['|', 'name|video_url\na,b|https://x/1.mp4\n'],
    [';', '"na,me";"video_url"\n"a\n,b";https://x/1.mp4\n'],
    [';', 'sep=;\r\nvideo_url;name\r\nhttps://x/1.mp4;a\r\n'],
    ['\t', 'sep=\t\nvideo_url\nhttps://x/1.mp4\n'],
  ])('a CSV manifest has the delimiter %j where the file is %j', async (delimiter, content) => {
    expect((await readManifest(content)).shape.delimiter).toBe(delimiter);
  });

  it('a CSV manifest keeps commas of URLs together if the header has one column', async () => {
    expect(await cellsOf('video_url\nhttps://x/w_1,h_2/a.mp4\n')).toEqual([
      ['https://x/w_1,h_2/a.mp4'],
    ]);
  });

  it.each([
    ['the first column of all', 'video_url\nhttps://x/1.mp4\n', 'video_url'],
    ['another case', 'Video_URL,n\nhttps://x/1.mp4,1\n', 'Video_URL'],
    ['camel case', 'n,videoUrl\n1,https://x/1.mp4\n', 'videoUrl'],
    ['spaces and dashes', 'n, Video - URL \n1,https://x/1.mp4\n', ' Video - URL '],
    ['an alias', 'n,Link\n1,https://x/1.mp4\n', 'Link'],
    ['its own name beside an alias', 'url,video_url\nx,https://x/1.mp4\n', 'video_url'],
  ])('a CSV manifest may name video_url as %s', async (_, content, column) => {
    expect((await readManifest(content)).shape.roles.video_url).toBe(column);
  });

  it('a CSV manifest may name ids and their date', async () => {
    const { shape } = await readManifest('videoId,task id,Video Created At\n1,2,2026-01-01\n');
    expect(shape.roles).toEqual({
      video_url: null,
      video_id: 'videoId',
      task_id: 'task id',
      video_created_at: 'Video Created At',
    });
  });

  it('a CSV manifest uses a mapping first', async () => {
    const { shape } = await readManifest('url,Clip\npage,https://x/1.mp4\n', {
      mapping: { video_url: 'Clip' },
    });
    expect(shape.roles.video_url).toBe('Clip');
  });

  it('a CSV manifest reads what Excel writes: semicolons, byte order mark, CRLF, quoted newlines, ids as text', async () => {
    const content =
      '\ufeffvideo_id;task_id;note\r\n849123456789012345;849123456789012346;"two\r\nlines"\r\n' +
      '7,84912E+17;849123456789012346;"say ""hi"""\r\n';
    const { shape, rows } = await readManifest(content);
    expect(shape.columns).toEqual(['video_id', 'task_id', 'note']);
    expect(rows).toEqual([
      { row: 1, line: 2, cells: ['849123456789012345', '849123456789012346', 'two\r\nlines'] },
      { row: 2, line: 4, cells: ['7,84912E+17', '849123456789012346', 'say "hi"'] },
    ]);
  });

  it('a CSV manifest leaves cells as they are, in any script', async () => {
    const cells = ['https://x/视频.mp4', ' 名前 ', 'فيديو "‏١‏"', '👩‍👩‍👧', '\u0000', ''];
    const line = cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',');
    expect(await cellsOf(`video_url,a,b,c,d,e\n${line}\n`)).toEqual([cells]);
  });

  it.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('a CSV manifest reads lines that end with %s, the last one without', async (_, eol) => {
    const { rows } = await readManifest(['url,n', 'a,1', '', 'b,2'].join(eol));
    expect(rows).toEqual([
      { row: 1, line: 2, cells: ['a', '1'] },
      { row: 2, line: 4, cells: ['b', '2'] },
    ]);
  });

  it('a CSV manifest may have lines that end with CRLF and LF in turn', async () => {
    expect(await cellsOf('url,n\r\na,1\nb,2\r\nc,3\n')).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ]);
  });

  it('a CSV manifest skips blank lines, also before the header, and counts them', async () => {
    const { rows } = await readManifest('\n \nurl,n\n\n\t\na,1\n\nb,2\n\n');
    expect(outline(rows)).toEqual(['row 1 line 6 ok', 'row 2 line 8 ok']);
  });

  it('a CSV manifest counts the lines of a header with several lines', async () => {
    const { rows } = await readManifest('url,"two\nlines"\na,1\n');
    expect(outline(rows)).toEqual(['row 1 line 3 ok']);
  });

  it.each([',', '"",""', ' , ', '"\u200b",', '""'])(
    'a record of empty cells is skipped as the blank row that it is: %j',
    async (blank) => {
      const { rows } = await readManifest(`url,n\n${blank}\na,1\n${blank}`);
      expect(rows).toEqual([{ row: 1, line: 3, cells: ['a', '1'] }]);
    },
  );

  it('a CSV manifest pads records that lack cells at their end', async () => {
    expect(await cellsOf('url,n,m\na\nb,2\n"c","3","4"\n')).toEqual([
      ['a', '', ''],
      ['b', '2', ''],
      ['c', '3', '4'],
    ]);
  });

  it.each([
    ['a title', 'Our videos\nurl,n\nhttps://x/1.mp4,1\n', 2],
    ['a title and empty cells', 'Our videos,,\n,,\nurl,n,m\nhttps://x/1.mp4,1,2\n', 3],
    ['empty lines', '\n\n,\nurl,n\nhttps://x/1.mp4,1\n', 4],
    ['groups of columns', 'Video,,Notes\nURL,Name,Text\nhttps://x/1.mp4,a,b\n', 2],
    ['a title of several lines', '"Our\nvideos",\nurl,n\nhttps://x/1.mp4,1\n', 3],
    ['a name that is only an alias', 'link\nlist,of\nvideo_url,n\nhttps://x/1.mp4,1\n', 3],
  ])('a CSV manifest finds its header below %s', async (_, content, line) => {
    const { rows, shape } = await readManifest(content);
    expect(shape.roles.video_url).toMatch(/url/i);
    expect(outline(rows)).toEqual([`row 1 line ${line + 1} ok`]);
  });

  it('a CSV manifest finds a header below a title by a mapping', async () => {
    const { shape } = await readManifest('Title\nClip,n\nhttps://x/1.mp4,1\n', {
      mapping: { video_url: 'Clip' },
    });
    expect(shape.columns).toEqual(['Clip', 'n']);
  });

  it('a CSV manifest says which line is its header if that is not the first', async () => {
    await using file = await temporaryFile('Our videos\nMay\nurl,n\nhttps://x/1.mp4,1\n');
    await using manifest = await openManifest(file.path, { signal });
    expect(manifest.notes).toEqual(['The header is in line 3; the 2 rows above it are left out.']);
  });

  it("a CSV manifest may have a role's name between invisible characters", async () => {
    const { shape } = await readManifest('\u200bvideo_url\u200b,n\nhttps://x/1.mp4,1\n');
    expect(shape.roles.video_url).toBe('\u200bvideo_url\u200b');
  });

  it.each([
    ['a quote at the beginning', '"Best" of\thttps://x/1.mp4', ['"Best" of', 'https://x/1.mp4']],
    ['one that is not closed', '"Best of\thttps://x/1.mp4', ['"Best of', 'https://x/1.mp4']],
    ['an inch mark', 'Box 24" high\thttps://x/1.mp4', ['Box 24" high', 'https://x/1.mp4']],
  ])(
    'a CSV manifest is read as Google Sheets writes TSV, which is without quotes: %s',
    async (_, line, cells) => {
      expect(await cellsOf(`n\tvideo_url\n${line}\n`)).toEqual([cells]);
    },
  );

  it('a CSV manifest refuses every row of a column whose ids were padded with zeros', async () => {
    const content =
      'video_id,task_id\n784912347344945000,784912347344945201\n784912347344946000,784912347344945317\n';
    const { rows } = await readManifest(content);
    expect(outline(rows)).toEqual(['row 1 line 2 mangled_id', 'row 2 line 3 mangled_id']);
    await using file = await temporaryFile(content);
    await using manifest = await openManifest(file.path, { signal });
    expect(manifest.notes).toEqual([
      'The ids in "video_id" have lost their last digits: some program kept them as numbers. These rows are invalid; enter the ids again from their source, with the column formatted as text.',
    ]);
  });

  it('a CSV manifest accepts a single id that looks padded', async () => {
    const content =
      'video_id,task_id\n784912347344945000,784912347344945201\n784912347344946003,784912347344945317\n';
    expect(outline((await readManifest(content)).rows)).toEqual([
      'row 1 line 2 ok',
      'row 2 line 3 ok',
    ]);
  });

  it('a CSV manifest leaves out kling_ columns, wherever they are', async () => {
    const { shape, rows } = await readManifest(
      'kling_row,url,kling_status,n\n1,a,failed,x\n2,b,failed,y,more\n3,c\n',
    );
    expect(shape.columns).toEqual(['url', 'n']);
    expect(rows.map((row) => row.cells)).toEqual([
      ['a', 'x'],
      ['b', 'y', 'more'],
      ['c', ''],
    ]);
  });
});

describe('bad record of a CSV manifest', () => {
  it.each([
    ['too many cells', 'url,n\na,1,x\nb,2\n', ['row 1 line 2 ragged_line', 'row 2 line 3 ok']],
    [
      'a quote that is never closed',
      'url,n\na,"1\nb,2\nc,3\n',
      ['row 1 line 2 unclosed_quote', 'row 2 line 3 ok', 'row 3 line 4 ok'],
    ],
    [
      'a quote that only a later quoted cell would close',
      'url,n\na,"1\nb,2\nc,"3"\n',
      ['row 1 line 2 stray_quote', 'row 2 line 3 ok', 'row 3 line 4 ok'],
    ],
    [
      'text after a closing quote',
      'url,n\na,"1" x\nb,2\n',
      ['row 1 line 2 stray_quote', 'row 2 line 3 ok'],
    ],
    [
      'a file cut in a quoted cell',
      'url,n\na,1\nb,"2',
      ['row 1 line 2 ok', 'row 2 line 3 unclosed_quote'],
    ],
    [
      'bytes that are no UTF-8',
      Buffer.from('url,n\na,caf\xe9\nb,2\n', 'latin1'),
      ['row 1 line 2 bad_encoding', 'row 2 line 3 ok'],
    ],
    [
      'a line of 2 MB',
      `url,n\na,${'x'.repeat(2 * LONGEST_BYTES)}\nb,2\n`,
      ['row 1 line 2 record_too_long', 'row 2 line 3 ok'],
    ],
    [
      'a line of 2 MB that is the last',
      `url,n\nb,2\na,${'x'.repeat(2 * LONGEST_BYTES)}`,
      ['row 1 line 2 ok', 'row 2 line 3 record_too_long'],
    ],
  ])('a bad record of a CSV manifest is alone with it: %s', async (_, content, expected) => {
    expect(outline((await readManifest(content)).rows)).toEqual(expected);
  });

  it('a record of a CSV manifest is accepted at the longest length, and refused when longer', async () => {
    const fit = 'x'.repeat(LONGEST_BYTES - 'a,\n'.length);
    const { rows } = await readManifest(`url,n\na,${fit}\na,${fit}x\nb,2\n`);
    expect(outline(rows)).toEqual([
      'row 1 line 2 ok',
      'row 2 line 3 record_too_long',
      'row 3 line 4 ok',
    ]);
  });

  it('a bad record of a CSV manifest does not hide the others if its quote is not closed within the limit', async () => {
    const lines = Array.from({ length: 30_000 }, (_, n) => `https://x/${n}.mp4,${'y'.repeat(40)}`);
    const { rows } = await readManifest(`url,n\na,"open\n${lines.join('\n')}\nz,"last"\n`);
    expect(rows).toHaveLength(30_002);
    expect(outline(rows.filter((row) => row.defect))).toEqual(['row 1 line 2 unclosed_quote']);
  });

  it('a bad record of a CSV manifest shows its cells, split at each delimiter, if a quote is wrong', async () => {
    expect(await cellsOf('url,n,m\na,"1,x\nb,2,y\n')).toEqual([
      ['a', '"1', 'x'],
      ['b', '2', 'y'],
    ]);
  });

  it('a bad record of a CSV manifest keeps bytes that are not UTF-8, one character each', async () => {
    const { rows } = await readManifest(Buffer.from('url,n\na,caf\xe9\nb,\xc3\xa9\n', 'latin1'));
    expect(rows[0]).toMatchObject({ cells: ['a', 'caf\xe9'], isBinary: true });
    expect(rows[1]).toEqual({ row: 2, line: 3, cells: ['b', 'é'] });
  });

  it('a bad record of a CSV manifest does not spoil the header if its bytes are not UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('url,名前\n'), Buffer.from('a,caf\xe9\n', 'latin1')]);
    expect((await readManifest(bytes)).shape.columns).toEqual(['url', '名前']);
  });

  it('a bad record of a CSV manifest is reported with line, value and a remedy', async () => {
    const { rows } = await readManifest('url,n\nhttps://me:secret@x/a.mp4?sig=secret,"1\n');
    expect(rows[0]?.defect).toEqual({
      code: 'unclosed_quote',
      column: null,
      value: 'https://…@x/a.mp4?…',
      message:
        'Line 2 opens a quote that is not closed (looked up to the end of the file, at most 128 KiB); close it, or write a quote inside a quoted cell twice.',
    });
  });
});

describe('long CSV manifest', () => {
  it('a long CSV manifest is read across blocks, quoted newlines and all', async () => {
    const rows = Array.from({ length: 5000 }, (_, n) => [
      `u${n}`,
      `${'line\n'.repeat(n % 20)}"${n}"`,
    ]);
    const content = rows.map(([url, text]) => `${url},"${text?.replaceAll('"', '""')}"\n`).join('');
    expect(content.length).toBeGreaterThan(256 * 1024);
    expect(await cellsOf(`url,text\n${content}`)).toEqual(rows);
  });

  it('a long CSV manifest is read to its end past ten thousand wrong quotes', async () => {
    const content = `url,n\n${'a,"x\nb,"15" y\n'.repeat(5000)}`;
    const { rows } = await readManifest(content);
    expect(rows).toHaveLength(10_000);
    expect(rows.every((row) => row.defect?.code === 'stray_quote')).toBe(true);
  });
});
