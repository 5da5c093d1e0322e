import { mkdir } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { klingManifest, test } from './e2e-test.ts';

const KEY = { COMETAPI_KEY: 'test-key' };

describe.concurrent('a manifest that cannot be used', () => {
  test.for([
    ['is missing', 'missing.csv', null, 'missing.csv'],
    ['has no column for a video', 'odd.csv', 'Film,Title\nx,y\n', '"Film", "Title"'],
    ['is cut in the middle of its gzip', 'cut.csv.gz', cutGzip(), 'gzip'],
  ] as const)('%s', async ([, name, content, sentence], { place }) => {
    if (content !== null) await place.write(name, content);

    const { exitCode, stdout, stderr } = await place.cli(['run', name], { env: KEY });

    expect(exitCode).toBe(2);
    expect(stderr.toLowerCase()).toContain(sentence.toLowerCase());
    expect(stderr).not.toMatch(/^ +at /m);
    expect(stdout).toBe('');
  });

  test('is a directory', async ({ place }) => {
    await mkdir(place.path('clips.csv'));

    const { exitCode, stderr } = await place.cli(['run', 'clips.csv'], { env: KEY });

    expect(exitCode).toBe(2);
    expect(stderr).toContain('is a folder');
    expect(stderr).toContain('kling-sessions list clips.csv --base-url');
  });

  test.for([
    ['a.pdf', 'A report cannot be a .pdf file'],
    ['clips.csv', 'clips.csv is the manifest itself'],
  ] as const)('has a report that cannot be: %s', async ([out, sentence], { place }) => {
    await place.write('clips.csv', klingManifest(1));

    const { exitCode, stderr } = await place.cli(['run', 'clips.csv', '--out', out], { env: KEY });

    expect(exitCode).toBe(2);
    expect(stderr).toContain(sentence);
    expect(await place.read('clips.csv')).toBe(klingManifest(1));
  });
});

/** Long enough that the reader starts before it finds the end missing. */
function cutGzip(): Buffer {
  const whole = gzipSync(klingManifest(3_000));
  return whole.subarray(0, Math.floor(whole.length / 2));
}

describe.concurrent('a Redis that cannot be used', () => {
  test('would evict rows: exit 2', async ({ place }) => {
    await place.redis(['--maxmemory-policy', 'allkeys-lru']);
    await place.write('clips.csv', klingManifest(1));

    const { exitCode, stderr } = await place.cli(['import', 'clips.csv'], { env: KEY });

    expect(exitCode).toBe(2);
    expect(stderr).toContain('noeviction');
  });

  test('wants another password: exit 2, as a retry would not help', async ({ place }) => {
    const { url } = await place.redis(['--requirepass', 'right']);

    const { exitCode, stderr } = await place.cli(['batches'], {
      env: { REDIS_URL: url.replace('//', '//:wrong@') },
    });

    expect(exitCode).toBe(2);
    expect(stderr).toContain('WRONGPASS');
    expect(stderr).not.toContain('wrong@');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  test('cannot be reached: exit 75, as a retry may help', async ({ place }) => {
    await place.write('clips.csv', klingManifest(1));
    const { exitCode, stderr } = await place.cli(['run', 'clips.csv'], {
      env: { ...KEY, REDIS_URL: 'redis://user:secret@127.0.0.1:1' },
    });

    expect(exitCode).toBe(75);
    expect(stderr).toContain('127.0.0.1:1');
    expect(stderr).not.toContain('secret');
  });
});

describe.concurrent('wrong usage', () => {
  test('names every bad setting at once', async ({ place }) => {
    const { exitCode, stderr } = await place.cli(['doctor'], {
      env: { API_CONCURRENCY: '0', API_TIMEOUT: '20', COMETAPI_KEY: 'with space' },
    });

    expect(exitCode).toBe(2);
    for (const name of ['API_CONCURRENCY', 'API_TIMEOUT', 'COMETAPI_KEY']) {
      expect(stderr).toContain(name);
    }
    expect(stderr).not.toContain('with space');
  });

  test.for([
    ['an unknown command', ['rum', 'clips.csv'], 'run'],
    ['a word that is no command of a group', ['batches', 'stop', 'clips'], "no command 'stop'"],
    ['a command of its own behind a group', ['batches', 'pause', 'clips'], 'kling-sessions pause'],
    ['an unknown flag', ['run', 'clips.csv', '--limt', '3'], '--limit'],
    ['a missing operand', ['run'], 'manifest'],
    ['a bad value', ['run', 'clips.csv', '--limit', 'few'], 'few'],
    ['a bad batch id', ['import', 'clips.csv', '--batch', 'a:b'], 'a:b'],
  ] as const)('%s', async ([, args, hint], { place }) => {
    const { exitCode, stderr, stdout } = await place.cli(args, { env: KEY });

    expect(exitCode).toBe(2);
    expect(stderr).toContain(hint);
    expect(stdout).toBe('');
  });

  test('a batch that does not exist', async ({ place }) => {
    await place.redis();

    const all = await Promise.all(
      ['status', 'results', 'verify', 'pause'].map((name) => place.cli([name, 'nothing'])),
    );

    for (const { exitCode, stderr } of all) {
      expect(exitCode).toBe(2);
      expect(stderr).toContain('There is no batch nothing');
    }
  });
});

describe.concurrent('a report that cannot be written', () => {
  test('is reported before any call, as far as can be known', async ({ place }) => {
    const api = await place.api();
    await place.write('clips.csv', klingManifest(2));

    const failed = await Promise.all(
      ['no/such/folder/out.csv', '.'].map((out) => place.cli(['run', 'clips.csv', '--out', out])),
    );

    expect(failed).toMatchObject([
      { exitCode: 1, stderr: expect.stringContaining('its directory does not exist') },
      { exitCode: 1, stderr: expect.stringContaining('it is a directory') },
    ]);
    expect(api.calls).toEqual([]);
  });

  test('on a full disk is reported, and its batch stays as it is', async ({ place }) => {
    const api = await place.api();
    await place.write('clips.csv', klingManifest(2));

    const failed = await place.cli(['run', 'clips.csv', '--out', '/dev/full']);
    const again = await place.cli(['run', 'clips.csv']);

    expect(failed).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('disk is full') });
    expect(failed.stderr).not.toMatch(/^ +at /m);
    expect(again.exitCode).toBe(0);
    expect(api.calls).toHaveLength(2);
  });

  test('to a reader that stops early, or to a full disk behind stdout', async ({ place }) => {
    await place.redis();
    await place.api();
    await place.write('clips.csv', klingManifest(20_000));
    await place.cli(['import', 'clips.csv', '--batch', 'mine']);

    const head = await place.shell('kling-sessions results mine | head -1');
    const jsonHead = await place.shell('kling-sessions batches --json | true');
    const full = await place.shell('kling-sessions results mine > /dev/full');
    const fullList = await place.shell('kling-sessions batches > /dev/full');

    expect(head.stdout).toMatch(/^name,video_id,task_id,kling_row/);
    expect([head.stderr, jsonHead.stderr]).toEqual(['', '']);
    for (const { exitCode, stderr } of [full, fullList]) {
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/disk is full|ENOSPC/);
      expect(stderr).not.toMatch(/^ +at /m);
    }
  });

  test('to a full disk behind stderr, and the work continues', async ({ place }) => {
    await place.redis();
    const api = await place.api();
    await place.write('clips.csv', klingManifest(3));

    const run = await place.shell('kling-sessions run clips.csv --log-level trace 2> /dev/full');

    expect(run.exitCode).toBe(0);
    expect(run.stdout).toContain('3  succeeded');
    expect(api.calls).toHaveLength(3);
  });
});
