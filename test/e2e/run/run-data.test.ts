import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { findProgram } from '../../../scripts/find-program.mjs';
import type { ApiCall, ApiError } from '../../setup/api-server.ts';
import { klingManifest, test, Workplace } from '../e2e-test.ts';

const ROWS = 6;
const SLOWLY = { API_CONCURRENCY: '1' };
const RUN = ['run', 'clips.csv'];
const REFUSED = { status: 400, code: 1301, message: 'not allowed' };

const hasScript =
  process.platform === 'linux' && findProgram(['script'], process.env.PATH) !== undefined;

const isServerThere = (place: Workplace): boolean =>
  existsSync(place.path('.kling-sessions/redis/redis.sock'));

/** What `run` did, without a Redis of its own; the batch it made. */
async function withRun(
  place: Workplace,
  fail: (call: ApiCall, nth: number) => ApiError | null = () => null,
) {
  const api = await place.api({ fail });
  await place.write('clips.csv', klingManifest(ROWS));
  const { stderr } = await place.cli(RUN, { env: SLOWLY });
  const batch = /Batch (\S+):/.exec(stderr)?.[1] ?? '';
  return { api, batch };
}

/** What `run` did once, for all tests that only look at it. */
let finished: { place: Workplace; batch: string };

beforeAll(async () => {
  const place = new Workplace(await mkdtemp(join(tmpdir(), 'kling-e2e-')));
  finished = { place, batch: (await withRun(place)).batch };
});

afterAll(async () => {
  await finished.place[Symbol.asyncDispose]();
});

/** Gives a test its own copy of what `run` did. Returns the batch it made. */
async function copyRun(place: Workplace): Promise<string> {
  await cp(finished.place.folder, place.folder, { recursive: true });
  Object.assign(place.env, finished.place.env);
  return finished.batch;
}

describe.concurrent('what run did', () => {
  test('is found by the commands about batches, each with the server for its own time', async ({
    place,
  }) => {
    const batch = await copyRun(place);

    const status = await place.cli(['status', batch]);
    const results = await place.cli(['results', batch]);
    const row = await place.cli(['row', batch, '3']);
    const verify = await place.cli(['verify', batch]);
    const batches = await place.cli(['batches']);

    expect(status).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/6 +succeeded/),
      stderr:
        'Using the data of `run` in .kling-sessions; its server runs as long as this command.\n',
    });
    expect(results.stdout).toBe(await place.read('clips.results.csv'));
    expect(row.stdout).toContain('row 3');
    expect(verify).toMatchObject({ exitCode: 0, stdout: '6 rows = 6 outcomes + 0 pending\n' });
    expect(batches.stdout).toContain(batch);
    expect(isServerThere(place)).toBe(false);
  });

  test('is found while it is at work, by several commands at once', async ({ place }) => {
    const api = await place.api({ delayMs: 150 });
    await place.write('clips.csv', klingManifest(20));
    const run = place.start(RUN, { env: SLOWLY });
    await api.waitForCalls(2);

    const commands = [['batches'], ['gate'], ['batches', '--json'], ['gate', '--json']];
    const seen = await Promise.all(commands.map((command) => place.cli(command)));

    expect(seen.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
    expect(seen[0]?.stderr).toBe(
      'Using the data of `run` in .kling-sessions; its server is running.\n',
    );
    expect((await run.result()).exitCode).toBe(0);
    expect(api.calls).toHaveLength(20);
    expect(isServerThere(place)).toBe(false);
  });

  test('is not harmed by commands that come and go together', async ({ place }) => {
    const batch = await copyRun(place);
    const many = Array.from({ length: 6 }, (_, n) => (n % 2 === 0 ? 'verify' : 'status'));

    const ends = await Promise.all(many.map((name) => place.cli([name, batch])));

    expect(ends.map(({ exitCode }) => exitCode)).toEqual(many.map(() => 0));
    expect(isServerThere(place)).toBe(false);
    expect((await place.cli(['verify', batch])).exitCode).toBe(0);
  });

  test('is retried: the rows wait, and the same run calls just them', async ({ place }) => {
    const { api, batch } = await withRun(place, (_call, nth) => (nth === 2 ? REFUSED : null));

    const retried = await place.cli(['retry', batch]);
    const status = await place.cli(['status', batch]);
    const again = await place.cli(RUN);

    expect(retried).toMatchObject({
      exitCode: 0,
      stdout: `1 row of ${batch} queued for retry.\n`,
      stderr: expect.stringContaining('`kling-sessions run` with the same file continues.'),
    });
    expect(status.stdout).toContain('No `run` is processing this data;');
    expect(again.exitCode).toBe(0);
    expect(api.calls).toHaveLength(ROWS + 1);
  });

  test('is found elsewhere by --dir; REDIS_URL wins, and --dir beside it is refused', async ({
    place,
  }) => {
    const batch = await copyRun(place);
    await mkdir(place.path('.kling-sessions/elsewhere'));
    const REDIS_URL = 'redis://127.0.0.1:1';

    const named = await place.cli(['status', batch, '--dir', place.path('.kling-sessions')]);
    const empty = await place.cli(['status', batch, '--dir', '.kling-sessions/elsewhere']);
    const practice = await place.cli(['status', batch, '--sandbox']);
    const set = await place.cli(['status', batch], { env: { REDIS_URL } });
    const both = await place.cli(['status', batch, '--dir', 'x'], { env: { REDIS_URL } });

    expect(named.exitCode).toBe(0);
    expect([empty.exitCode, empty.stderr]).toEqual([
      2,
      'There is no data of `run` in .kling-sessions/elsewhere.\n',
    ]);
    expect([practice.exitCode, practice.stderr]).toEqual([
      2,
      'There is no data of `run --sandbox` in .kling-sessions; the data there is of `run`: leave out --sandbox.\n',
    ]);
    expect([set.exitCode, set.stderr]).toEqual([75, expect.stringContaining('127.0.0.1:1')]);
    expect([both.exitCode, both.stderr]).toEqual([
      2,
      'REDIS_URL is set, so --dir is not used; leave out one of them.\n',
    ]);
  });

  test('is shown by the dashboard, which stops its server at the end', async ({ place }) => {
    const batch = await copyRun(place);
    const dashboard = place.start(['dashboard', '--dashboard-port', '0']);
    await dashboard.waitForText('dashboard started');
    const url = await dashboard.firstLine();

    const page = await (await fetch(`${url}/batches/${batch}`)).text();
    const overview = await (await fetch(url)).text();
    dashboard.kill('SIGTERM');

    expect(page).toContain(batch);
    expect(overview).toContain('No <code>run</code> is processing this data;');
    expect((await dashboard.result()).exitCode).toBe(0);
    expect(isServerThere(place)).toBe(false);
  });

  test.runIf(hasScript)(
    'stays without a server when a command is interrupted',
    async ({ place }) => {
      const batch = await copyRun(place);
      const asked = place.start(['retry', batch, '--status', 'succeeded'], {
        terminal: { columns: 100, rows: 24 },
      });
      await asked.waitForText('[y/N]');
      expect(isServerThere(place)).toBe(true);
      asked.type('\u0003');

      expect((await asked.result()).exitCode).toBe(130);
      expect(isServerThere(place)).toBe(false);
    },
  );
});

describe.concurrent('run, interrupted', () => {
  test('writes the report of what there is, and names it', async ({ place }) => {
    const api = await place.api({ delayMs: 80 });
    await place.write('clips.csv', klingManifest(20));
    const run = place.start(RUN, { env: SLOWLY });
    await api.waitForCalls(5);
    run.kill('SIGINT');
    const { exitCode, stderr } = await run.result();

    const report = await place.report('clips.results.csv');
    const opened = report.filter(({ kling_status }) => kling_status === 'succeeded');
    expect(exitCode).toBe(130);
    expect(stderr).toContain(
      `Interrupted with ${opened.length} sessions; the same command resumes.`,
    );
    expect(stderr).toContain('Report so far: clips.results.csv');
    expect(opened.length).toBe(api.calls.length);
    expect(report).toHaveLength(20);
    expect(report.at(-1)).toMatchObject({ kling_status: 'waiting', kling_session_id: '' });
  });

  test('without any session leaves an earlier report as it was', async ({ place }) => {
    const { api } = await withRun(place);
    const before = await place.read('clips.results.csv');
    const calls = api.calls.length;
    api.delayMs = 2_000;
    const fresh = place.start([...RUN, '--fresh'], {
      env: { ...SLOWLY, SHUTDOWN_GRACE: '100ms' },
    });
    await api.waitForCalls(calls + 1);
    fresh.kill('SIGINT');

    expect((await fresh.result()).exitCode).toBe(130);
    expect(await place.read('clips.results.csv')).toBe(before);
  });
});
