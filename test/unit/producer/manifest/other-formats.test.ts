import { describe, expect, it } from 'vitest';
import { outline, readManifest } from './manifest-fixture.ts';

const NO_ROLES = { video_url: null, video_id: null, task_id: null, video_created_at: null };

describe('JSONL manifest', () => {
  it('a JSONL manifest is recognised by its first character', async () => {
    const { shape, rows } = await readManifest(
      '\n {"videoUrl":"https://x/1.mp4"}\r\n\n{"n":1,"videoUrl":"https://x/2.mp4"}',
    );
    expect(shape).toEqual({
      format: 'jsonl',
      delimiter: null,
      columns: ['videoUrl', 'n'],
      roles: { ...NO_ROLES, video_url: 'videoUrl' },
    });
    expect(rows).toEqual([
      { row: 1, line: 2, cells: ['{"videoUrl":"https://x/1.mp4"}'] },
      { row: 2, line: 4, cells: ['{"n":1,"videoUrl":"https://x/2.mp4"}'] },
    ]);
  });

  it('a JSONL manifest keeps the text of its objects, numbers digit for digit', async () => {
    const text = '{ "video_url" : "\\u00e9", "id": 849123456789012345, "f": 1.50 }';
    const { rows } = await readManifest(`${text}\n`);
    expect(rows[0]?.cells).toEqual([text]);
  });

  it('a JSONL manifest loses its kling_ members and nothing else', async () => {
    const { rows, shape } = await readManifest(
      '{"kling_row":1,"video_url":"a,\\"}", "n":{"kling_x":[1,{}]},"KLING_y":"{","z":1.0,"kling_warnings":null}\n{"kling_row":2}\n',
    );
    expect(rows.map((row) => row.cells)).toEqual([
      ['{"video_url":"a,\\"}", "n":{"kling_x":[1,{}]},"z":1.0}'],
    ]);
    expect(shape.columns).toEqual(['video_url', 'n', 'z']);
  });

  it('a JSONL manifest adds keys that appear later', async () => {
    const first = '{"video_url":"u"}\n'.repeat(100_000);
    const { shape } = await readManifest(`${first}{"late":1,"video_url":"u"}\n`);
    expect(shape.columns).toEqual(['video_url', 'late']);
  });

  it.each([
    ['broken JSON', '{"video_url":'],
    ['another value than an object', '["u"]'],
    ['a number', '849123456789012345'],
    ['two objects', '{"video_url":"a"}{"video_url":"b"}'],
    ['a key with two values', '{"video_url":"a","video_url":"b"}'],
    ['JSON nested too deeply', `{"video_url":${'['.repeat(100_000)}`],
    ['NUL bytes', '{"video_url":"a\u0000"}'],
  ])('a JSONL manifest has a bad row for %s, and continues', async (_, line) => {
    const { rows } = await readManifest(`{"video_url":"a"}\n${line}\n{"video_url":"b"}\n`);
    expect(outline(rows)).toEqual([
      'row 1 line 1 ok',
      'row 2 line 2 broken_json',
      'row 3 line 3 ok',
    ]);
    expect(rows[1]?.cells).toEqual([line]);
  });

  it('a JSONL manifest keeps the bytes of a line that is not UTF-8', async () => {
    const { rows } = await readManifest(
      Buffer.from('{"video_url":"a"}\n{"video_url":"\xe9"}\n{"video_url":"\xc3\xa9"}\n', 'latin1'),
    );
    expect(outline(rows)).toEqual([
      'row 1 line 1 ok',
      'row 2 line 2 bad_encoding',
      'row 3 line 3 ok',
    ]);
    expect(rows[1]).toMatchObject({ cells: ['{"video_url":"\xe9"}'], isBinary: true });
    expect(rows[2]?.cells).toEqual(['{"video_url":"é"}']);
  });
});

describe('list', () => {
  it('a list has one URL a line and no header', async () => {
    const { shape, rows } = await readManifest(
      '\nhttps://x/1,2.mp4\r\n\r\n  ftp://y/2.mp4 \r\nclip.mp4',
    );
    expect(shape).toEqual({
      format: 'list',
      delimiter: null,
      columns: ['video_url'],
      roles: { ...NO_ROLES, video_url: 'video_url' },
    });
    expect(rows).toEqual([
      { row: 1, line: 2, cells: ['https://x/1,2.mp4'] },
      { row: 2, line: 4, cells: ['  ftp://y/2.mp4 '] },
      { row: 3, line: 5, cells: ['clip.mp4'] },
    ]);
  });

  it('a list may have a line of 2 MB', async () => {
    const { rows } = await readManifest(
      `https://x/${'a'.repeat(2 * 1024 * 1024)}\nhttps://x/2.mp4\n`,
    );
    expect(outline(rows)).toEqual(['row 1 line 1 record_too_long', 'row 2 line 2 ok']);
  });

  it('a list may begin with anything if its format is given', async () => {
    const { shape, rows } = await readManifest('clip.mp4\nhttps://x/2.mp4\n', { format: 'list' });
    expect(shape.format).toBe('list');
    expect(rows).toHaveLength(2);
  });
});

describe('format', () => {
  it.each([
    [
      'tsv',
      'a,b\tvideo_url\n1\tu\n',
      { format: 'csv', delimiter: '\t', columns: ['a,b', 'video_url'] },
    ],
    ['csv', '{video_url},url\n1,u\n', { format: 'csv', delimiter: ',' }],
    ['jsonl', '[1]\n{"url":"u"}\n', { format: 'jsonl', columns: ['url'] }],
  ] as const)('the format %s can be given', async (format, content, expected) => {
    expect((await readManifest(content, { format })).shape).toMatchObject(expected);
  });

  it('the format is CSV if a delimiter is given', async () => {
    const { shape } = await readManifest('a;b,video_url\n1,u\n', { delimiter: ',' });
    expect(shape.columns).toEqual(['a;b', 'video_url']);
  });
});
