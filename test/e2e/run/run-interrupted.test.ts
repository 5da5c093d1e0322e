import { existsSync } from 'node:fs';
import { describe, expect } from 'vitest';
import type { ApiServer } from '../../setup/api-server.ts';
import { klingManifest, test, type Workplace } from '../e2e-test.ts';

const AT_ONCE = 4;
const SPEED = { API_CONCURRENCY: String(AT_ONCE) };

describe.concurrent('run, interrupted', () => {
  test.for([1, 38])(
    'carries on after SIGKILL at call %i, repeats only calls in flight, and leaves no server behind',
    async (nth, { place }) => {
      const api = await place.api({ delayMs: 60 });
      await place.write('clips.csv', klingManifest(40));
      const first = place.start(['run', 'clips.csv'], { env: SPEED });
      await api.waitForCalls(nth);
      first.kill('SIGKILL');
      await first.result();
      const socket = place.path('.kling-sessions/redis/redis.sock');
      expect(existsSync(socket)).toBe(true);

      const { exitCode } = await place.cli(['run', 'clips.csv'], { env: SPEED });

      expect(exitCode).toBe(0);
      expect(existsSync(socket)).toBe(false);
      expectEveryRowOnce(await place.report('clips.results.csv'), 40);
      expect(api.callsBySource().size).toBe(40);
      expect(api.calls.length).toBeLessThanOrEqual(40 + AT_ONCE);
    },
  );

  test('continues after SIGKILL while videos are being probed', async ({ place }) => {
    const [videos, api] = [await place.videos(), await place.api({ delayMs: 20 })];
    const urls = Array.from({ length: 30 }, (_, n) => videos.urlOf('good.mp4', String(n)));
    await place.write('clips.txt', urls.join('\n'));
    const first = place.start(['run', 'clips.txt'], { env: SPEED });
    await api.waitForCalls(2);
    first.kill('SIGKILL');
    await first.result();

    const { exitCode } = await place.cli(['run', 'clips.txt'], { env: SPEED });

    expect(exitCode).toBe(0);
    const report = await place.report('clips.results.csv');
    expectEveryRowOnce(report, 30);
    expect(report.map(({ video_url }) => video_url)).toEqual(urls);
    expect(api.calls.length).toBeLessThanOrEqual(30 + AT_ONCE);
  });

  test.for(['SIGINT', 'SIGTERM'] as const)(
    'finishes its calls at %s, exits 130 and repeats nothing',
    async (signal, { place }) => {
      const api = await place.api({ delayMs: 60 });
      await place.write('clips.csv', klingManifest(30));
      const first = place.start(['run', 'clips.csv'], { env: SPEED });
      await api.waitForCalls(9);
      first.kill(signal);
      const interrupted = await first.result();
      const callsBefore = api.calls.length;

      const second = await place.cli(['run', 'clips.csv'], { env: SPEED });

      expect(interrupted).toMatchObject({
        exitCode: 130,
        stderr: expect.stringContaining('resumes'),
      });
      expect(callsBefore).toBeLessThan(30);
      expect(second.exitCode).toBe(0);
      expectEveryRowOnce(await place.report('clips.results.csv'), 30);
      expect(api.calls).toHaveLength(30);
    },
  );

  test('writes a report that names the call which did not end in time', async ({ place }) => {
    const api = await place.api({ delayMs: 50 });
    await place.write('clips.csv', klingManifest(3));
    const env = { API_CONCURRENCY: '1', SHUTDOWN_GRACE: '0s' };
    const first = place.start(['run', 'clips.csv'], { env });
    await api.waitForCalls(1);
    api.delayMs = 600_000;
    await api.waitForCalls(2);
    first.kill('SIGINT');

    expect(await first.result()).toMatchObject({
      exitCode: 130,
      stderr: expect.stringContaining('Report so far: clips.results.csv'),
    });
    const report = await place.report('clips.results.csv');
    const sent = report.map(({ kling_sent = '' }) => kling_sent).filter((text) => text !== '');
    expect(sent).toEqual([JSON.stringify(api.calls[1]?.body)]);
  });

  test('shares a folder with another run of the same manifest', async ({ place }) => {
    const api = await place.api({ delayMs: 30 });
    await place.write('clips.csv', klingManifest(25));
    const command = ['run', 'clips.csv', '--out'];
    // One report goes into the folder, which the runs have yet to make.
    const reports = ['a.csv', '.kling-sessions/b.csv'] as const;

    const both = await Promise.all(reports.map((report) => place.cli([...command, report])));

    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(await place.read(reports[0])).toBe(await place.read(reports[1]));
    expect(api.calls).toHaveLength(25);
  });

  test('shares a folder with a run of another manifest', async ({ place }) => {
    await place.api({ delayMs: 10 });
    await place.write('long.csv', klingManifest(40));
    await place.write('short.csv', klingManifest(3));

    const both = await Promise.all([
      place.cli(['run', 'long.csv']),
      place.cli(['run', 'short.csv']),
    ]);

    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expectEveryRowOnce(await place.report('long.results.csv'), 40);
    expectEveryRowOnce(await place.report('short.results.csv'), 3);
  });
});

describe.concurrent('run, when a person is needed', () => {
  test('is stopped by a wrong key after one call each time, and continues with the right one', async ({
    place,
  }) => {
    const api = await place.api();
    await place.write('clips.csv', klingManifest(6));
    const command = ['run', 'clips.csv'];
    const COMETAPI_KEY = 'wrong';

    const wrong = await place.cli(command, { env: { COMETAPI_KEY, API_CONCURRENCY: '1' } });
    const callsOfWrong = api.calls.length;
    const again = await place.cli(command, { env: { COMETAPI_KEY } });
    const callsOfBoth = api.calls.length;
    const right = await place.cli(command);

    expect(wrong.exitCode).toBe(4);
    expect(wrong.stderr).toMatch(/Blocked since .*1002/);
    expect(callsOfWrong).toBe(1);
    expect(again).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('1002') });
    expect(callsOfBoth).toBe(2);
    expect(right.exitCode).toBe(0);
    expectEveryRowOnce(await place.report('clips.results.csv'), 6);
    expect(api.calls).toHaveLength(8);
  });

  test('pauses if too many rows fail, and continues when it is started again', async ({
    place,
  }) => {
    const refused = { status: 400, code: 1301, message: 'not allowed' };
    const api = await place.api({ fail: (_call, nth) => (nth <= 3 ? refused : null) });
    await place.write('clips.csv', klingManifest(12));
    const command = ['run', 'clips.csv', '--max-failures', '3'];

    const paused = await place.cli(command, { env: { API_CONCURRENCY: '1' } });
    const resumed = await place.cli(command, { env: { API_CONCURRENCY: '1' } });

    expect(paused.exitCode).toBe(4);
    expect(paused.stderr).toContain('1301');
    expect(resumed.exitCode).toBe(3);
    expect(await statuses(place, 'clips.results.csv')).toEqual({ failed: 3, succeeded: 9 });
    expect(api.calls).toHaveLength(12);
  });

  test('queues nothing without a key', async ({ place }) => {
    await place.write('clips.csv', klingManifest(1));

    const { exitCode, stderr } = await place.cli(['run', 'clips.csv']);

    expect(exitCode).toBe(2);
    expect(stderr).toContain('COMETAPI_KEY');
    await expect(place.read('.kling-sessions/redis/password')).rejects.toThrow('ENOENT');
  });
});

test('run uses REDIS_URL if it is set, and leaves the batch there', async ({ place }) => {
  const api: ApiServer = await place.api();
  await place.redis();
  await place.write('clips.csv', klingManifest(5));

  const { exitCode, stderr } = await place.cli(['run', 'clips.csv']);

  const batch = /Batch (\S+):/.exec(stderr)?.[1] ?? '';
  expect(exitCode).toBe(0);
  expect((await place.cli(['verify', batch])).stdout).toContain('5 rows = 5 outcomes + 0 pending');
  expect(api.calls).toHaveLength(5);
});

async function statuses(place: Workplace, report: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { kling_status = '' } of await place.report(report)) {
    counts[kling_status] = (counts[kling_status] ?? 0) + 1;
  }
  return counts;
}

/** Every row is there, in order, with a session that no other row has. */
function expectEveryRowOnce(report: Record<string, string>[], rows: number): void {
  expect(report.map(({ kling_row }) => Number(kling_row))).toEqual(
    Array.from({ length: rows }, (_, index) => index + 1),
  );
  expect(report.filter(({ kling_status }) => kling_status !== 'succeeded')).toEqual([]);
  expect(new Set(report.map(({ kling_session_id }) => kling_session_id)).size).toBe(rows);
}
