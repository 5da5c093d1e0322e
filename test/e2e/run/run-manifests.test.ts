import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import type { VideoServer } from '../../setup/video-server.ts';
import { klingManifest, test } from '../e2e-test.ts';

const SESSION = /^7\d{17}$/;

describe.concurrent('run, whatever the manifest looks like', () => {
  test("accepts CSV as spreadsheets write it, and returns the user's columns byte for byte", async ({
    place,
  }) => {
    const [videos] = [await place.videos(), await place.api()];
    const rows = [
      `"first; quoted";${videos.urlOf('good.mp4', 'n=1')};007;"two\nlines"`,
      `zweite Zeile – ü;${videos.urlOf('good.mov', 'n=2')};"a ""b""";  spaces  `,
      `=1+1;${videos.urlOf('short.mp4', 'n=3')};;`,
    ];
    const header = 'Title;video_url;code;note';
    await place.write('clips.csv', `\uFEFF${[header, ...rows, ''].join('\r\n')}`);

    const { exitCode } = await place.cli(['run', 'clips.csv']);

    const report = await place.read('clips.results.csv');
    expect(exitCode).toBe(3);
    for (const line of [header, ...rows]) expect(report).toContain(line);
    expect(report.indexOf(rows[0] ?? '')).toBeLessThan(report.indexOf(rows[1] ?? ''));
    expect(report.indexOf(rows[1] ?? '')).toBeLessThan(report.indexOf(rows[2] ?? ''));
    expect(report).toMatch(/;rejected;/);
  });

  test('exits 0 and says so when every row has a session', async ({ place }) => {
    const [videos, api] = [await place.videos(), await place.api()];
    const urls = ['a', 'b', 'c'].map((n) => videos.urlOf('good.mp4', n));
    await place.write(
      'clips.tsv',
      ['video_url\tid', ...urls.map((url) => `${url}\t0${url.at(-1)}`)].join('\n'),
    );

    const { exitCode, stdout, stderr } = await place.cli(['run', 'clips.tsv']);

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/3 +succeeded/);
    expect(stderr).toContain('clips.results.csv');
    const report = await place.read('clips.results.csv');
    expect(report.split('\n')[1]).toContain(`${urls[0]}\t0a`);
    expect([...api.callsBySource().keys()].sort()).toEqual(urls);
  });

  test.for([
    ['JSON lines', 'clips.jsonl', (url: string) => `{"video_url":"${url}","n":1}\n`],
    ['a list of addresses', 'clips.txt', (url: string) => `${url}\n`],
    ['a gzipped file', 'clips.csv.gz', (url: string) => gzipSync(`video_url\n${url}\n`)],
  ] as const)('takes %s', async ([, name, content], { place }) => {
    const [videos] = [await place.videos(), await place.api()];
    await place.write(name, content(videos.urlOf('good.mov')));

    const { exitCode } = await place.cli(['run', name, '--out', 'out.csv']);

    expect(exitCode).toBe(0);
    expect((await place.report('out.csv'))[0]).toMatchObject({
      kling_status: 'succeeded',
      kling_session_id: expect.stringMatching(SESSION),
    });
  });

  test('reads standard input, and leaves the report in the working directory', async ({
    place,
  }) => {
    await place.api();

    const { exitCode } = await place.cli(['run', '-'], { stdin: klingManifest(3) });

    expect(exitCode).toBe(0);
    expect(await place.report('stdin.results.csv')).toHaveLength(3);
  });

  test('fetches a manifest from the web', async ({ place }) => {
    const [videos] = [await place.videos(), await place.api()];
    const url = videos.offer('nightly.csv', klingManifest(4));

    const { exitCode } = await place.cli(['run', url]);

    expect(exitCode).toBe(0);
    expect(await place.report('nightly.results.csv')).toHaveLength(4);
  });

  test('maps columns, stops at --limit, and writes the format that --out asks for', async ({
    place,
  }) => {
    const [videos, api] = [await place.videos(), await place.api()];
    const lines = ['1', '2', '3'].map((n) => `${n},${videos.urlOf('good.mp4', n)}`);
    await place.write('clips.csv', ['no,Link', ...lines].join('\n'));
    const options = ['--map', 'video_url=Link', '--limit', '2', '--out', 'out.jsonl', '--json'];

    const { exitCode, stdout } = await place.cli(['run', 'clips.csv', ...options]);

    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ batch: { rows: 2, counts: { succeeded: 2 } } });
    const report = (await place.read('out.jsonl')).trimEnd().split('\n');
    expect(report.map((line) => JSON.parse(line).no)).toEqual(['1', '2']);
    expect(api.calls).toHaveLength(2);
  });

  test('ends every kind of row correctly, one line each and in order', async ({ place }) => {
    const [videos, api] = [
      await place.videos(),
      await place.api({ fail: refuse('400000000000000001') }),
    ];
    const rows = everyKind(videos);
    const header = 'video_url,video_id,task_id,video_created_at';
    await place.write('all.csv', [header, ...rows.map(({ line }) => line), ''].join('\n'));

    const { exitCode } = await place.cli(['run', 'all.csv']);

    expect(exitCode).toBe(3);
    const report = await place.report('all.results.csv');
    expect(report.map(({ kling_status }) => kling_status)).toEqual(
      rows.map(({ wanted }) => wanted),
    );
    expect(report[8]).toMatchObject({
      kling_duplicate_of: '1',
      kling_session_id: report[0]?.kling_session_id,
    });
    expect(report[2]?.kling_error).toMatch(/1(\.0+)? s/);
    expect(report[9]?.kling_error).toContain('content');
    expect(api.calls).toHaveLength(3);
  });

  test('accepts a report as a manifest, and calls only for the rows without a session', async ({
    place,
  }) => {
    const api = await place.api({ fail: refuse('100000000000000002') });
    await place.write('clips.csv', klingManifest(3));
    await place.cli(['run', 'clips.csv']);

    const again = await place.cli(['run', 'clips.results.csv', '--out', 'again.csv']);

    expect(again.exitCode).toBe(3);
    const [first, second] = [
      await place.report('clips.results.csv'),
      await place.report('again.csv'),
    ];
    expect(Object.keys(second[0] ?? {})).toEqual(Object.keys(first[0] ?? {}));
    expect(second.map(({ name }) => name)).toEqual(['row 1', 'row 2', 'row 3']);
    expect(second.map(({ kling_status }) => kling_status)).toEqual(['reused', 'failed', 'reused']);
    expect(api.calls).toHaveLength(4);
  });

  test('repeats nothing when the same manifest is run again', async ({ place }) => {
    const api = await place.api();
    await place.write('clips.csv', klingManifest(5));
    await place.cli(['run', 'clips.csv']);
    const before = await place.read('clips.results.csv');

    const again = await place.cli(['run', 'clips.csv']);

    expect(again.exitCode).toBe(0);
    expect(again.stderr).toContain('nothing was repeated');
    expect(await place.read('clips.results.csv')).toBe(before);
    expect(api.calls).toHaveLength(5);
  });
});

/** An API that refuses one Kling id for its content. */
const refuse = (videoId: string) => (call: { body: Record<string, unknown> }) =>
  call.body.video_id === videoId
    ? { status: 400, code: 1301, message: 'the content is not allowed' }
    : null;

/** Rows with their expected outcomes. */
function everyKind(videos: VideoServer): { wanted: string; line: string }[] {
  const good = `${videos.urlOf('good.mp4', '1')},,,`;
  return [
    { wanted: 'succeeded', line: good },
    { wanted: 'succeeded', line: `${videos.urlOf('good.mp4', '2')},,,` },
    { wanted: 'rejected', line: `${videos.urlOf('short.mp4')},,,` },
    { wanted: 'rejected', line: `${videos.urlOf('small.mp4')},,,` },
    { wanted: 'failed', line: `http://${videos.host}/missing.mp4,,,` },
    { wanted: 'invalid', line: ',,,2026-11-01T00:00:00Z' },
    { wanted: 'invalid', line: ',7.84912E+17,123456789012345678,' },
    { wanted: 'rejected', line: `,300000000000000001,300000000000000002,2020-01-01T00:00:00Z` },
    { wanted: 'duplicate', line: good },
    { wanted: 'failed', line: ',400000000000000001,400000000000000002,' },
  ];
}
