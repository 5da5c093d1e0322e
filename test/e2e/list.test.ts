import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { test } from './e2e-test.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples/videos');

describe('list', () => {
  test('writes the manifest of a folder, sorted, with the facts of its videos', async ({
    place,
  }) => {
    const [first = '', second = ''] = (await readdir(EXAMPLES)).filter((name) =>
      name.endsWith('.mp4'),
    );
    await mkdir(place.path('clips/day 1'), { recursive: true });
    await copyFile(join(EXAMPLES, first), place.path('clips/day 1/ü.mp4'));
    await copyFile(join(EXAMPLES, second), place.path('clips/b.MP4'));
    await place.write('clips/notes.txt', 'none of them');
    await place.write('clips/c.mov', 'no video');

    const { exitCode, stdout, stderr } = await place.cli([
      'list',
      'clips',
      '--base-url',
      'https://media.example.com/x/?token=t',
    ]);

    const [header, ...rows] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    expect(exitCode).toBe(0);
    expect(header).toEqual(['video_url', 'name', 'size_bytes', 'duration_s', 'verdict', 'remarks']);
    expect(rows.map(([url, name]) => [url, name])).toEqual([
      ['https://media.example.com/x/b.MP4?token=t', 'b.MP4'],
      ['https://media.example.com/x/c.mov?token=t', 'c.mov'],
      ['https://media.example.com/x/day%201/%C3%BC.mp4?token=t', 'day 1/ü.mp4'],
    ]);
    expect(rows[0]?.[4]).toMatch(/^(accepted|rejected)$/);
    expect(rows[1]?.[4]).not.toBe('accepted');
    expect(stderr).toContain('3 videos');
  });

  test('says of a file that it is not a folder', async ({ place }) => {
    await place.write('clips.csv', 'video_url');
    const { exitCode, stderr } = await place.cli([
      'list',
      'clips.csv',
      '--base-url',
      'http://h.example',
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('clips.csv is not a folder; name the folder that holds the videos.');
  });

  test('writes a file that is a manifest, without reading the videos', async ({ place }) => {
    await mkdir(place.path('clips'));
    await place.write('clips/a.mp4', 'x');

    const listed = await place.cli([
      'list',
      'clips',
      '--no-probe',
      '--base-url',
      'http://h.example',
      '--out',
      'clips.csv',
    ]);

    expect(listed.exitCode).toBe(0);
    expect(await place.report('clips.csv')).toEqual([
      {
        video_url: 'http://h.example/a.mp4',
        name: 'a.mp4',
        size_bytes: '1',
        duration_s: '',
        verdict: '',
        remarks: '',
      },
    ]);
  });

  test('asks for the address that the folder will have', async ({ place }) => {
    await mkdir(place.path('clips'));
    const { exitCode, stderr } = await place.cli(['list', 'clips']);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/^Give --base-url, .*docs\/local-videos\.md/),
    ]);
  });

  test('says that a folder has no videos', async ({ place }) => {
    await mkdir(place.path('clips'));
    const { exitCode, stderr } = await place.cli([
      'list',
      'clips',
      '--base-url',
      'https://h.example',
    ]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('There are no videos in clips');
  });
});
