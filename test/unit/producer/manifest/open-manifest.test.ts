import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openManifest } from '../../../../src/producer/manifest/open-manifest.ts';
import {
  collect,
  errorOf,
  readInput,
  readManifest,
  signal,
  temporaryFile,
} from './manifest-fixture.ts';

const CONTENT = 'video_url,name\nhttps://x/1.mp4,名前 👩‍👩‍👧\nhttps://x/2.mp4,"a\nb"\n';
const STDIN = { label: 'standard input', name: 'stdin' };
const CELLS = [
  ['https://x/1.mp4', '名前 👩‍👩‍👧'],
  ['https://x/2.mp4', 'a\nb'],
];

function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function utf16(text: string, order: 'le' | 'be'): Buffer {
  const bytes = Buffer.from(text, 'utf16le');
  return order === 'be' ? bytes.swap16() : bytes;
}

describe('bytes of a manifest', () => {
  it.each([
    ['UTF-8', Buffer.from(CONTENT)],
    ['UTF-8 with a mark', Buffer.from(`\ufeff${CONTENT}`)],
    ['UTF-16 LE', utf16(`\ufeff${CONTENT}`, 'le')],
    ['UTF-16 BE', utf16(`\ufeff${CONTENT}`, 'be')],
    ['UTF-16 LE without a mark', utf16(CONTENT, 'le')],
    ['UTF-16 BE without a mark', utf16(CONTENT, 'be')],
    ['gzip', gzipSync(CONTENT)],
    [
      'gzip in two members',
      Buffer.concat([gzipSync('video_url,name\n'), gzipSync(CONTENT.slice(15))]),
    ],
    ['gzip padded with zeros', Buffer.concat([gzipSync(CONTENT), Buffer.alloc(300_000)])],
    ['gzip of UTF-16', gzipSync(utf16(`\ufeff${CONTENT}`, 'le'))],
  ])('the bytes of a manifest may be %s; the sha-256 is theirs', async (_, bytes) => {
    const manifest = await readManifest(bytes);
    expect(manifest.rows.map((row) => row.cells)).toEqual(CELLS);
    expect(manifest.sha256).toBe(sha256(bytes));
  });

  it('the bytes of a manifest may be long UTF-16', async () => {
    const content = `video_url\n${'https://x/视频👩.mp4\n'.repeat(30_000)}`;
    const { rows } = await readManifest(utf16(`\ufeff${content}`, 'be'));
    expect(rows).toHaveLength(30_000);
    expect(new Set(rows.map((row) => row.cells[0]))).toEqual(new Set(['https://x/视频👩.mp4']));
  });

  it.each([
    ['half a surrogate pair', utf16('\ufeffvideo_url,n\nu,\ud83d\nu,2\n', 'le')],
    [
      'half a character',
      Buffer.concat([utf16('\ufeffvideo_url,n\nu,2\nu,1', 'le'), Buffer.from('x')]),
    ],
  ])('the bytes of a manifest may be UTF-16 with %s, which makes a bad row', async (_, bytes) => {
    const { rows } = await readManifest(bytes);
    expect(rows.map((row) => row.defect?.code).sort()).toEqual(['bad_encoding', undefined]);
  });
});

describe('manifest that was opened', () => {
  it.each([
    ['clips.csv', 'clips'],
    ['My.clips.v2.CSV.gz', 'My.clips.v2'],
    ['clips', 'clips'],
    ['.csv', '.csv'],
  ])('the file %s is named %s', async (fileName, name) => {
    expect((await readManifest(CONTENT, { fileName })).name).toBe(name);
  });

  it('a manifest that was opened can be read more than once, also at the same time and not to the end', async () => {
    await using file = await temporaryFile(gzipSync(CONTENT));
    await using manifest = await openManifest(file.path, { signal });
    for await (const _ of manifest.rows()) break;
    const [first, second] = await Promise.all(
      [manifest.rows(), manifest.rows()].map((rows) => collect(rows)),
    );
    expect(first?.flat().map((row) => row.cells)).toEqual(CELLS);
    expect(second).toEqual(first);
  });

  it('a manifest that was opened returns at most 500 rows at a time', async () => {
    await using file = await temporaryFile(`video_url\n${'u\n'.repeat(1200)}`);
    await using manifest = await openManifest(file.path, { signal });
    const sizes = (await collect(manifest.rows())).map((batch) => batch.length);
    expect(sizes).toEqual([500, 500, 200]);
  });

  it.each([
    ['grows', (path: string) => appendFile(path, 'https://x/3.mp4,c\n')],
    ['shrinks', (path: string) => truncate(path, CONTENT.indexOf('2.mp4'))],
    ['is edited', (path: string) => writeFile(path, CONTENT.replace('2.mp4', '3.mp4'))],
  ])('a manifest that was opened is refused at the end when it %s meanwhile', async (_, change) => {
    await using file = await temporaryFile(CONTENT);
    await using manifest = await openManifest(file.path, { signal });
    await change(file.path);
    const error = await errorOf(collect(manifest.rows()));
    expect(error.code).toBe('changed');
  });

  it('a manifest that was opened keeps its content when another file replaces it', async () => {
    await using file = await temporaryFile(CONTENT);
    await using manifest = await openManifest(file.path, { signal });
    await rm(file.path);
    await writeFile(file.path, 'video_url\nother\n');
    expect((await collect(manifest.rows())).flat().map((row) => row.cells)).toEqual(CELLS);
  });

  it('a manifest that was opened stops when its signal aborts', async () => {
    await using file = await temporaryFile(`video_url\n${'https://x/1.mp4\n'.repeat(50_000)}`);
    const controller = new AbortController();
    await using manifest = await openManifest(file.path, { signal: controller.signal });
    const rows = manifest.rows();
    await rows.next();
    controller.abort(new Error('interrupted'));
    await expect(collect(rows)).rejects.toThrow('interrupted');
  });
});

describe('standard input', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('standard input is copied to a file without a name', async () => {
    await using place = await temporaryFile('');
    vi.stubEnv('TMPDIR', dirname(place.path));
    const stream = Readable.from([
      Buffer.from(CONTENT.slice(0, 20)),
      Buffer.from(CONTENT.slice(20)),
    ]);
    await using manifest = await openManifest({ ...STDIN, stream }, { signal });
    expect(await readdir(tmpdir())).toEqual([basename(place.path)]);
    expect(manifest.name).toBe('stdin');
    expect(manifest.sha256).toBe(sha256(CONTENT));
    expect((await collect(manifest.rows())).flat().map((row) => row.cells)).toEqual(CELLS);
  });

  it('standard input may be waited for until the signal aborts', async () => {
    const controller = new AbortController();
    const opened = openManifest(
      { ...STDIN, stream: new PassThrough() },
      { signal: controller.signal },
    );
    controller.abort(new Error('interrupted'));
    await expect(opened).rejects.toThrow('interrupted');
  });

  it('standard input may be interrupted, and is then refused', async () => {
    const stream = Readable.from(
      (async function* () {
        yield Buffer.from(CONTENT);
        throw Object.assign(new Error('gone'), { code: 'ECONNRESET' });
      })(),
    );
    const error = await errorOf(readInput({ ...STDIN, stream }));
    expect(error.code).toBe('download_failed');
    expect(error.message).toMatch(/^standard input cannot be read \(ECONNRESET\)/);
  });
});

describe('named pipe', () => {
  it('a named pipe is read like a file', async () => {
    await using place = await temporaryFile('');
    const pipe = join(dirname(place.path), 'pipe.csv');
    await promisify(execFile)('mkfifo', [pipe]);
    const [manifest] = await Promise.all([readInput(pipe), writeFile(pipe, CONTENT)]);
    expect(manifest.name).toBe('pipe');
    expect(manifest.rows.map((row) => row.cells)).toEqual(CELLS);
  });
});

describe('a file that is not a manifest', () => {
  it.each([
    ['an empty file', '', 'empty', /is empty/],
    ['white space', '\ufeff \r\n\n', 'empty', /is empty/],
    ['a header only', 'video_url,name\n', 'no_rows', /has a header and no rows/],
    ['a header and blank lines', 'video_url\n\n \n', 'no_rows', /no rows/],
    [
      'no usable column',
      'name,"a ""note"""\nx,y\n',
      'no_usable_column',
      /the columns found are "name", "a "note"".* --map video_url=<column>/,
    ],
    ['half of a source', 'video_id,n\n1,2\n', 'no_usable_column', /"video_id" but no task_id/],
    [
      'a URL twice',
      'video_url,n,Video Url\n1,2,3\n',
      'ambiguous_column',
      /"video_url", "Video Url"/,
    ],
    ['two aliases', 'link,url\n1,2\n', 'ambiguous_column', /--map video_url=<column>/],
    ['no header', 'https://x/1.mp4,clip\n', 'no_header', /first line .* holds a URL/],
    ['a broken header', 'video_url,"na"me\nx,y\n', 'bad_header', /check the quotes/],
    [
      'a header in another encoding',
      Buffer.from('video_url,pr\xe9nom\nu,x\n', 'latin1'),
      'bad_header',
      /UTF-8/,
    ],
    ['a JSON array', '[\n  {"video_url":"u"}\n]\n', 'unsupported_format', /one object per line/],
    [
      'a JSON object over several lines',
      '{\n "video_url":"u"\n}\n',
      'unsupported_format',
      /None of the first lines/,
    ],
    [
      'a compressed workbook',
      gzipSync(Buffer.from('PK\u0003\u0004\u0014\u0000', 'latin1')),
      'unsupported_format',
      /decompress it/,
    ],
    ['a gzip that is cut', gzipSync(CONTENT).subarray(0, 60), 'gzip_broken', /is cut off/],
    [
      'a gzip that is damaged',
      Buffer.from(gzipSync(CONTENT)).fill(7, 20, 40),
      'gzip_broken',
      /is damaged/,
    ],
    ['nothing in a gzip', gzipSync(''), 'empty', /is empty/],
  ])('a file that is not a manifest is refused: %s', async (_, content, code, message) => {
    const error = await errorOf(readManifest(content));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
  });

  it('a gzip that is cut after a thousand rows is refused before a row is read', async () => {
    const whole = gzipSync(
      `video_url\n${Array.from({ length: 10_000 }, (_, n) => `u${n}\n`).join('')}`,
    );
    await using file = await temporaryFile(whole.subarray(0, -20));
    expect((await errorOf(openManifest(file.path, { signal }))).code).toBe('gzip_broken');
  });

  it('a gzip bomb is refused', async () => {
    const bomb = gzipSync(Buffer.alloc(65 * 1024 * 1024));
    const error = await errorOf(readManifest(bomb));
    expect(error.code).toBe('gzip_bomb');
    expect(error.message).toContain('more than 200 times its size');
  });

  it.each([
    [
      'a column that is not there',
      { video_url: 'Clip' },
      'unknown_column',
      /no column "Clip".*"url", "n", "N"/,
    ],
    [
      'a column that is there twice',
      { video_url: 'N ' },
      'ambiguous_column',
      /2 columns named "N "/,
    ],
    [
      'one column for two roles',
      { video_url: 'url', video_id: 'url' },
      'ambiguous_column',
      /both video_url and video_id/,
    ],
  ])('a file that is not a manifest is refused: %s', async (_, mapping, code, message) => {
    const error = await errorOf(readManifest('url,n,N\n1,2,3\n', { mapping }));
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(message)]);
  });

  it('a path that leads nowhere, or to a directory, is refused', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'manifest-test-'));
    await mkdir(join(directory, 'a'));
    expect((await errorOf(readInput(join(directory, 'b.csv')))).code).toBe('not_found');
    expect((await errorOf(readInput(join(directory, 'a')))).code).toBe('is_directory');
    await rm(directory, { recursive: true });
  });
});
