import { describe, expect, it } from 'vitest';
import { type CheckedRow, checkRow } from '../../../../../src/lib/core/manifest/check-row.ts';
import type { ManifestShape } from '../../../../../src/lib/core/manifest/manifest.ts';

const ID = '849123456789012345';
const TASK = '849123456789012346';
const URL_OK = 'https://cdn.example.com/a.mp4';

const roles = {
  video_url: 'url',
  video_id: 'video_id',
  task_id: 'task_id',
  video_created_at: 'made',
};
const columns = ['name', 'url', 'video_id', 'task_id', 'made'];
const csv: ManifestShape = { format: 'csv', delimiter: ',', columns, roles };
const jsonl: ManifestShape = { format: 'jsonl', delimiter: null, columns, roles };

function checkCells(cells: Partial<Record<string, string>>): CheckedRow {
  return checkRow(csv, { row: 4, line: 7, cells: columns.map((column) => cells[column] ?? '') });
}

function checkJson(json: string): CheckedRow {
  return checkRow(jsonl, { row: 4, line: 7, cells: [json] });
}

function problemsOf(checked: CheckedRow): string[] {
  return checked.ok ? [] : checked.problems.map(({ code, column }) => `${code} ${column ?? '-'}`);
}

function messageOf(checked: CheckedRow): string {
  return checked.ok ? 'ok' : checked.problems.map(({ message }) => message).join(' ');
}

it('a column is named as people see it, with what is invisible inside its name', () => {
  const shape: ManifestShape = {
    ...csv,
    columns: ['\u200burl\u2060', 'a\u200bb'],
    roles: {
      video_url: '\u200burl\u2060',
      video_id: 'a\u200bb',
      task_id: null,
      video_created_at: null,
    },
  };
  const messageFor = (cells: string[]) => messageOf(checkRow(shape, { row: 1, line: 2, cells }));
  expect(messageFor(['x', ''])).toMatch(/^Line 2, column "url": "x" is not /);
  expect(messageFor(['', '1'])).toMatch(/^Line 2 has "a<U\+200B>b" but no task_id/);
});

describe('row', () => {
  it('a row with a URL refers to it', () => {
    expect(checkCells({ url: URL_OK })).toEqual({
      ok: true,
      source: { kind: 'url', videoUrl: URL_OK },
    });
  });

  it('a row with both ids refers to a Kling video', () => {
    expect(checkCells({ video_id: ID, task_id: TASK })).toEqual({
      ok: true,
      source: { kind: 'kling', videoId: ID, taskId: TASK },
    });
  });

  it('a row is used without the white space around its values', () => {
    expect(checkCells({ video_id: ` ${ID}\t`, task_id: `\u00a0${TASK}\n`, url: ' ' })).toEqual({
      ok: true,
      source: { kind: 'kling', videoId: ID, taskId: TASK },
    });
  });

  it.each([
    ['neither source', {}, ['no_source -']],
    ['both sources', { url: URL_OK, video_id: ID, task_id: TASK }, ['both_sources -']],
    ['a URL and half of the other source', { url: URL_OK, task_id: TASK }, ['both_sources -']],
    ['no task_id', { video_id: ID }, ['task_id_missing task_id']],
    ['no video_id', { task_id: TASK }, ['video_id_missing video_id']],
    [
      'everything wrong at once',
      { url: 'ftp://x/a.mp4', video_id: '8.5E+17', task_id: 'x', made: 'May' },
      [
        'both_sources -',
        'not_http_url url',
        'mangled_id video_id',
        'bad_id task_id',
        'bad_date made',
      ],
    ],
    ['a bad date beside a URL, where it does not matter', { url: URL_OK, made: 'May' }, []],
  ])('a row is judged with %s', (_, cells, expected) => {
    expect(problemsOf(checkCells(cells))).toEqual(expected);
  });

  it('a row that could not be read has its defect as its only problem', () => {
    const defect = { code: 'ragged_line' as const, column: null, value: null, message: 'Line 7 …' };
    expect(checkRow(csv, { row: 4, line: 7, cells: ['x'], defect })).toEqual({
      ok: false,
      problems: [defect],
    });
  });

  it('a row is reported with line, column, value and a remedy', () => {
    expect(checkCells({ video_id: '7.84912E+17', task_id: TASK })).toEqual({
      ok: false,
      problems: [
        {
          code: 'mangled_id',
          column: 'video_id',
          value: '7.84912E+17',
          message:
            'Line 7, column "video_id": "7.84912E+17" is an id that a spreadsheet turned into a number, which lost its last digits; format the column as text, enter the ids again from their source, and export again.',
        },
      ],
    });
  });
});

describe('cell', () => {
  const NOTHING = [
    'NA',
    'N/A',
    '#N/A',
    'NULL',
    'None',
    'nan',
    '\\N',
    '-',
    '—',
    '\u200b',
    ' \ufeff ',
  ];
  it.each([...NOTHING, '<NA>', 'NaT', '(null)', '[NULL]', 'undefined'])(
    'a cell that holds %j is empty',
    (nothing) => {
      const cells = { url: 'https://x/1.mp4', video_id: nothing, task_id: nothing };
      expect(checkCells(cells)).toMatchObject({ ok: true, source: { kind: 'url' } });
    },
  );

  it.each([
    ['an apostrophe', "'849123456789012345"],
    ['a formula that is a text', '="849123456789012345"'],
    ['invisible characters', '\u200e849123456789012345\u200b'],
  ])('a cell may keep its digits behind %s', (_, id) => {
    expect(checkCells({ video_id: id, task_id: TASK })).toMatchObject({
      ok: true,
      source: { videoId: '849123456789012345' },
    });
  });

  it('a problem of a cell names an invisible character inside an address', () => {
    const checked = checkCells({ url: 'https://x/a\u200bb.mp4' });
    expect(checked).toMatchObject({
      problems: [
        {
          value: 'https://x/a<U+200B>b.mp4',
          message:
            'Line 7, column "url": "https://x/a<U+200B>b.mp4" contains the invisible character U+200B; copy the address again from its source.',
        },
      ],
    });
  });
});

describe('id', () => {
  it.each([
    ['7.84912E+17', 'mangled_id'],
    ['7,84912e+17', 'mangled_id'],
    ['8E+17', 'mangled_id'],
    ['849123456789012345.0', 'mangled_id'],
    ['849123456789012345,00', 'mangled_id'],
    ['849,123,456,789,012,345', 'mangled_id'],
    ['849.123.456.789.012.345', 'mangled_id'],
    ['849 123 456 789 012 345', 'mangled_id'],
    ['849123\u200b456789012345', 'bad_id'],
    ['-849123456789012345', 'bad_id'],
    ['84912345678901234５', 'bad_id'],
    ['unknown', 'bad_id'],
    ['1'.repeat(33), 'bad_id'],
  ])('an id of %s is refused as %s', (id, code) => {
    expect(problemsOf(checkCells({ video_id: id, task_id: TASK }))).toEqual([`${code} video_id`]);
  });

  it.each(['1', ID, '0'.repeat(32)])('an id of %s is taken', (id) => {
    expect(checkCells({ video_id: id, task_id: TASK }).ok).toBe(true);
  });
});

describe('URL', () => {
  it.each([
    'http://x/a.mp4',
    'HTTPS://CDN.example.com:8443/a%20b.mp4?X-Amz-Signature=1#t',
    'https://user:pass@host/a',
    'https://例え.jp/ビデオ.mp4',
    'https://[::1]/a.mp4',
    `https://x/${'a'.repeat(8192 - 'https://x/'.length)}`,
  ])('the URL %.60s is taken', (url) => {
    expect(checkCells({ url })).toEqual({ ok: true, source: { kind: 'url', videoUrl: url } });
  });

  it.each([
    ['ftp://x/a.mp4', 'not_http_url', 'does not fetch ftp: addresses'],
    ['s3://bucket/a.mp4', 'not_http_url', 'presigned https address'],
    ['<https://x/a.mp4>', 'not_http_url', 'leave out the marks around the address'],
    ['[clip](https://x/a.mp4)', 'not_http_url', 'leave out the marks around the address'],
    ["'https://x/a.mp4'", 'not_http_url', 'leave out the marks around the address'],
    ['“https://x/a.mp4”', 'not_http_url', 'leave out the marks around the address'],
    ['file:///home/me/a.mp4', 'not_http_url', 'upload the video'],
    ['/home/me/a.mp4', 'not_http_url', 'upload the video'],
    ['./a.mp4', 'not_http_url', 'upload the video'],
    ['C:\\Videos\\a.mp4', 'not_http_url', 'upload the video'],
    ['clips/a.mp4', 'not_http_url', 'upload the video'],
    ['clips\\day 1\\a.MOV', 'not_http_url', 'upload the video'],
    ['C:\\My Videos\\a b.mp4', 'not_http_url', 'upload the video'],
    ['/Users/ann/my clips/a.mp4', 'not_http_url', 'upload the video'],
    ['影片/片段 1.mp4', 'not_http_url', 'upload the video'],
    ['cdn.example.com/a.mp4', 'not_http_url', 'write https:// in front of it'],
    ['cdn.example.com:8080/a.mp4', 'not_http_url', 'write https:// in front of it'],
    ['//cdn.example.com/a.mp4', 'not_http_url', 'write https: in front of it'],
    ['clip', 'not_http_url', 'write the whole address'],
    ['https://', 'not_http_url', 'the host name is missing'],
    ['https:///a.mp4', 'not_http_url', 'the host name is missing'],
    ['https://x:99999/a.mp4', 'bad_url', 'not a valid URL'],
    ['https://x/my clip.mp4', 'bad_url', 'a space as %20'],
    ['https://x/a.mp4 https://x/b.mp4', 'bad_url', 'one address per cell'],
    ['https://x/\u0000a.mp4', 'bad_url', 'control characters'],
    [`https://x/${'a'.repeat(8192)}`, 'url_too_long', 'at most 8192'],
  ])('the URL %.40s is refused as %s: %s', (url, code, advice) => {
    const checked = checkCells({ url });
    expect(problemsOf(checked)).toEqual([`${code} url`]);
    expect(messageOf(checked)).toContain(advice);
  });

  it('a URL is shown without user-info and query, and shortened', () => {
    const checked = checkCells({ url: `ftp://me:secret@x/${'a'.repeat(200)}?token=secret` });
    expect(messageOf(checked)).not.toContain('secret');
    expect(checked.ok ? null : checked.problems[0]?.value).toHaveLength(120);
  });
});

describe('video_created_at', () => {
  it.each([
    ['2026-05-31', '2026-05-31T00:00:00.000Z'],
    ['2026-05-31T14:30', '2026-05-31T14:30:00.000Z'],
    ['2026-05-31T14:30:15.5Z', '2026-05-31T14:30:15.500Z'],
    ['2026-05-31 14:30:15', '2026-05-31T14:30:15.000Z'],
    ['2026-05-31T14:30:00+02:00', '2026-05-31T12:30:00.000Z'],
    ['2026-05-31T14:30:00-0930', '2026-06-01T00:00:00.000Z'],
    ['2024-02-29t23:59:59z', '2024-02-29T23:59:59.000Z'],
  ])('a video_created_at of %s is %s', (made, expected) => {
    const checked = checkCells({ video_id: ID, task_id: TASK, made });
    expect(checked).toEqual({
      ok: true,
      source: { kind: 'kling', videoId: ID, taskId: TASK, createdAtMs: Date.parse(expected) },
    });
  });

  it.each([
    '31.05.2026',
    '2026-02-30',
    '2026-13-01',
    '2026-05-31T24:00',
    '2026-05-31T14:60',
    '2026-05-31T14:30+24:00',
    '1780237800',
    'yesterday',
  ])('a video_created_at of %s is refused', (made) => {
    const checked = checkCells({ video_id: ID, task_id: TASK, made });
    expect(problemsOf(checked)).toEqual(['bad_date made']);
  });
});

describe('JSON row', () => {
  it('a JSON row is read by its keys', () => {
    expect(checkJson(`{"name":1,"url":" ${URL_OK} ","video_id":null,"task_id":""}`)).toEqual({
      ok: true,
      source: { kind: 'url', videoUrl: URL_OK },
    });
  });

  it.each([
    ['an id as a number', `{"video_id":${ID},"task_id":"${TASK}"}`, ['id_is_number video_id']],
    ['a URL that is a list', `{"url":["${URL_OK}"]}`, ['not_text url']],
    ['a URL that is a number', '{"url":5}', ['not_text url']],
    ['an id that is an object', `{"video_id":{},"task_id":"${TASK}"}`, ['not_text video_id']],
    ['a date as a number', `{"video_id":"${ID}","task_id":"${TASK}","made":5}`, ['not_text made']],
    ['a key of every object', '{"toString":"x"}', ['no_source -']],
    ['no object', '[1]', ['broken_json -']],
    ['no JSON', '{"url":', ['broken_json -']],
  ])('a JSON row is judged with %s', (_, json, expected) => {
    expect(problemsOf(checkJson(json))).toEqual(expected);
  });

  it('a JSON row shows an id that is a number with all its digits', () => {
    const checked = checkJson(`{"video_id":${ID},"task_id":"${TASK}"}`);
    expect(checked.ok ? null : checked.problems[0]?.value).toBe(ID);
  });
});
