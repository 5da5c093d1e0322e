import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { test as base, expect } from 'vitest';
import { startPrivateRedis } from '../../setup/redis/private-redis.ts';

const MAIN = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const VIDEOS = fileURLToPath(new URL('../../../examples/videos/', import.meta.url));

interface CliResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** A folder, and the program in it. */
class Place {
  readonly folder: string;
  readonly env: Record<string, string> = { PATH: process.env.PATH ?? '' };

  constructor(folder: string) {
    this.folder = folder;
  }

  async write(name: string, ...lines: string[]): Promise<void> {
    await writeFile(join(this.folder, name), `${lines.join('\n')}\n`);
  }

  async read(name: string): Promise<string> {
    return await readFile(join(this.folder, name), 'utf8');
  }

  async cli(...args: string[]): Promise<CliResult> {
    return await new Promise((resolve) => {
      const options = { cwd: this.folder, env: this.env };
      execFile(process.execPath, [MAIN, ...args], options, (error, stdout, stderr) =>
        resolve({ exitCode: Number(error?.code ?? 0), stdout, stderr }),
      );
    });
  }

  /** Works on rows until it is disposed. */
  startWorker(): AsyncDisposable {
    const options = { cwd: this.folder, env: this.env, stdio: 'ignore' } as const;
    const worker = spawn(process.execPath, [MAIN, 'worker'], options);
    return {
      [Symbol.asyncDispose]: async () => {
        worker.kill('SIGKILL');
        if (worker.exitCode === null && worker.signalCode === null) await once(worker, 'exit');
      },
    };
  }
}

const test = base.extend<{ place: Place; redisUrl: string }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of fixtures from the pattern
  place: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'kling-plan-'));
    await use(new Place(folder));
    await rm(folder, { recursive: true });
  },
  redisUrl: async ({ place }, use) => {
    await using redis = await startPrivateRedis();
    place.env.REDIS_URL = redis.url;
    await use(redis.url);
  },
});

async function serve(server: Server): Promise<AsyncDisposable & { host: string }> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    host: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Opens a session for every video except those whose id begins with 9, which it refuses. */
const createApi = (): Server =>
  createServer(async (request, response) => {
    const { video_id: id } = JSON.parse(await text(request)) as { video_id: string };
    response.setHeader('content-type', 'application/json');
    if (id.startsWith('9')) {
      response.statusCode = 400;
      response.end(JSON.stringify({ code: 1201, message: 'no such video' }));
    } else {
      response.end(JSON.stringify({ code: 0, data: { status: 0, session_id: `s-${id}` } }));
    }
  });

const createVideoServer = (): Server =>
  createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://videos');
    const bytes = await readFile(join(VIDEOS, pathname)).catch(() => null);
    response.statusCode = bytes === null ? 404 : 200;
    response.end(bytes);
  });

const IDS = 'title,video_id,task_id';
const idRow = (title: string, firstDigit: number): string =>
  `${title},${firstDigit}${'84912345678901234'},784912345678901235`;

const GOOD_AND_BAD = [
  'Clip;url;title',
  'a;https://a.example/1.mp4;Größe',
  'b;nonsense;"=1+1"',
  'c;https://a.example/2.mp4?X-Amz-Date=20200101T000000Z&X-Amz-Expires=60&X-Amz-Signature=f00;🎬',
  'a;https://a.example/1.mp4;Größe',
];

test.concurrent('a dry run shows the result of an import, needs no key and leaves Redis unchanged', async ({
  place,
  redisUrl,
}) => {
  await place.write('clips.csv', ...GOOD_AND_BAD);
  const { exitCode, stdout } = await place.cli('import', 'clips.csv', '--dry-run');
  expect(exitCode).toBe(3);
  expect(stdout).toContain('clips: CSV, a header of 3 columns, cells separated by ;');
  expect(stdout).toMatch(/video_url +from "url"\n +yours +"Clip", "title"\n/);
  expect(stdout).toMatch(/^ {2}2 {2}with an address$/m);
  expect(stdout).toMatch(/^ {2}1 {2}invalid$/m);
  expect(stdout).toMatch(/^ {2}4 {2}rows$/m);
  expect(stdout).toContain('Line 3, column "url": "nonsense"');
  expect(stdout).toContain('Line 5 repeats line 2 in every cell.');
  expect(stdout).toMatch(/It would take ~\d+ s, at 0.5 rows\/s, assuming 5 calls at once/);
  expect((await place.read('clips.problems.csv')).split('\n').slice(0, 4)).toEqual([
    'line,row,kind,code,column,value,message',
    expect.stringMatching(/^3,2,invalid,not_http_url,url,nonsense,"Line 3, /),
    expect.stringMatching(/^4,3,expired,url_expired,url,https:\/\/a.example\/2.mp4\?…,"Line 4, /),
    expect.stringMatching(/^5,4,duplicate,duplicate,,,/),
  ]);
  const redis = new Redis(redisUrl);
  expect(await redis.info('persistence')).toContain('rdb_changes_since_last_save:0\r\n');
  redis.disconnect();
});

test.concurrent('a dry run of a good manifest ends with 0, without Redis and without a file', async ({
  place,
}) => {
  place.env.REDIS_URL = 'redis://127.0.0.1:1';
  await place.write('clips.csv', IDS, idRow('one', 7));
  const { exitCode, stdout } = await place.cli('import', 'clips.csv', '--dry-run', '--json');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    manifest: { name: 'clips', format: 'csv', ownColumns: ['title'] },
    rows: 1,
    counts: { url: 0, kling: 1, invalid: 0, duplicate: 0 },
    problemsFile: null,
    estimate: { durationMs: 2_000, basis: 'assumed' },
  });
  expect(await readdir(place.folder)).toEqual(['clips.csv']);
});

test.concurrent('a dry run with --probe judges videos without calling the API', async ({
  place,
  redisUrl: _,
}) => {
  await using videos = await serve(createVideoServer());
  const names = ['good.mp4', 'too-short.mp4', 'missing.mp4'];
  await place.write('clips.txt', ...names.map((name) => `http://${videos.host}/${name}?secret`));
  const { exitCode, stdout } = await place.cli(
    ...['import', 'clips.txt', '--dry-run', '--probe', '--probe-allow-hosts', videos.host],
  );
  expect(exitCode).toBe(3);
  expect(stdout).toContain('A sample of 3 videos:');
  expect(stdout).toContain(
    '1 accepted (0 of the sample with warnings), 1 rejected, 1 could not be read',
  );
  expect(stdout).toMatch(/line 2: rejected: duration 1.50 s; the API takes/);
  expect(stdout).toMatch(/line 3: failed: .*missing.mp4\?…\)/);
  expect(stdout).not.toContain('secret');
});

test.concurrent.for([
  [['--probe'], '--probe needs --dry-run.'],
  [['--problems', 'x.csv'], '--problems needs --dry-run.'],
  [['--only', 'new'], '--only needs --diff <batch>.'],
  [['--diff', 'x', '--only', 'old'], 'Use new, failed, or both'],
  [['--diff', 'x', '--limit', '3'], 'cannot be used with'],
  [['--diff', 'nosuch'], 'There is no batch nosuch'],
  [['--mends', 'nosuch'], 'There is no batch nosuch'],
] as const)(
  '`import clips.csv %j` is refused',
  async ([flags, message], { place, redisUrl: _ }) => {
    await place.write('clips.csv', IDS, idRow('one', 7));
    const { exitCode, stdout, stderr } = await place.cli('import', 'clips.csv', ...flags);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
  },
);

test.concurrent('`--only failed` is refused for a batch that still runs', async ({
  place,
  redisUrl: _,
}) => {
  await place.write('clips.csv', IDS, idRow('one', 7));
  await place.cli('import', 'clips.csv', '--batch', 'first');
  const command = ['import', 'clips.csv', '--diff', 'first', '--only'];
  const failed = await place.cli(...command, 'failed');
  expect(failed.exitCode).toBe(2);
  expect(failed.stderr).toContain('Batch first is running, so its failed rows are not known yet');
  const fresh = await place.cli(...command, 'new');
  expect(fresh).toMatchObject({ exitCode: 0, stdout: '' });
  expect(fresh.stderr).toContain('There is nothing to import.');
});

test.concurrent('failed rows are mended: compared, imported alone, and subtracted from the old batch', async ({
  place,
  redisUrl: _,
}) => {
  await using api = await serve(createApi());
  Object.assign(place.env, { COMETAPI_KEY: 'test-key', API_BASE_URL: `http://${api.host}` });
  await using _worker = place.startWorker();
  await place.write('clips.csv', IDS, idRow('one', 7), idRow('two', 9), idRow('three', 9));
  const first = await place.cli('import', 'clips.csv', '--batch', 'first', '--wait');
  expect(first.exitCode).toBe(3);

  await place.write(
    'clips.csv',
    'video_id,title,task_id',
    '784912345678901234,one,784912345678901235',
    '984912345678901234,two,784912345678901235',
    '684912345678901234,three,784912345678901235',
  );
  const diff = await place.cli('import', 'clips.csv', '--diff', 'first', '--json');
  expect(diff.exitCode).toBe(0);
  expect(JSON.parse(diff.stdout)).toMatchObject({
    counts: { new: 1, failed: 1, unchanged: 1, invalid: 0, repeated: 0, removed: 1 },
    examples: { failed: [{ line: 3, remark: expect.stringContaining('no such video') }] },
  });

  const command = ['import', 'clips.csv', '--diff', 'first', '--only', 'new,failed'];
  const mending = [...command, '--mends', 'first', '--batch', 'second'];
  const second = await place.cli(...mending, '--wait', '--json');
  expect(second.exitCode).toBe(3);
  expect(JSON.parse(second.stdout)).toMatchObject({
    batch: { rows: 2, mends: 'first', counts: { succeeded: 1, failed: 1 } },
  });
  const again = await place.cli(...mending);
  expect(again.stderr).toContain('was imported before');

  const status = await place.cli('status', 'first');
  expect(status.stdout).toContain('Mended by second.');
  expect(status.stdout).toContain('1 of the 2 rows that ended without a session is still open.');
  expect(status.stdout).toContain('Open: row 2.');

  const report = await place.cli('results', 'first', '--with-mends', '--format', 'jsonl');
  expect(report.stderr).toContain('1 row of first has a session of second.');
  const lines = report.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map((line) => [line.kling_row, line.kling_status, line.video_id])).toEqual([
    [1, 'succeeded', '784912345678901234'],
    [2, 'failed', '984912345678901234'],
    [3, 'succeeded', '684912345678901234'],
  ]);
});
