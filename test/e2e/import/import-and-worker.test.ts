import { Redis } from 'ioredis';
import { describe, expect } from 'vitest';
import { createKeys } from '../../../src/lib/store/keys.ts';
import type { CliProcess } from '../../setup/cli-process.ts';
import { klingManifest, test, type Workplace } from '../e2e-test.ts';

describe.concurrent('import and worker', () => {
  test('bring rows from a manifest to a report that any machine can request', async ({ place }) => {
    await place.redis();
    const refused = { status: 400, code: 1301, message: 'not allowed' };
    await place.api({
      fail: ({ body }) => (body.video_id === '100000000000000002' ? refused : null),
    });
    await place.write('clips.csv', `${klingManifest(3)}=1+1,,\n`);
    place.start(['worker']);

    const waited = await place.cli(['import', 'clips.csv', '--wait', '--json']);
    const { id } = JSON.parse(waited.stdout).batch;
    const [status, batches, csv, jsonl, guarded, verify] = await Promise.all([
      place.cli(['status', id]),
      place.cli(['batches', '--json']),
      place.cli(['results', id, '--status', 'failed,invalid']),
      place.cli(['results', id, '--format', 'jsonl']),
      place.cli(['results', id, '--guard', '--status', 'invalid']),
      place.cli(['verify', id]),
    ]);

    expect(waited.exitCode).toBe(3);
    expect(status.stdout).toMatch(
      /completed[\s\S]*2 +succeeded[\s\S]*1 +invalid[\s\S]*1 +failed[\s\S]*4 +rows/,
    );
    expect(JSON.parse(batches.stdout)).toMatchObject({ id, state: 'completed', rows: 4 });
    expect(csv.stdout.split('\n').slice(1, 3)).toEqual([
      expect.stringMatching(/^row 2,.*,failed,/),
      expect.stringMatching(/^=1\+1,.*,invalid,/),
    ]);
    const lines = jsonl.stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).kling_row)).toEqual([1, 2, 3, 4]);
    expect(guarded.stdout).toContain("'=1+1");
    expect(verify).toMatchObject({ exitCode: 0, stdout: '4 rows = 4 outcomes + 0 pending\n' });
  });

  test('pause lets calls finish and starts no more; resume brings every row to its end', async ({
    place,
  }) => {
    await place.redis();
    const api = await place.api({ delayMs: 300 });
    await place.write('clips.csv', klingManifest(60));
    const id = (await place.cli(['import', 'clips.csv'])).stdout.trim();
    place.start(['worker', '--api-concurrency', '2']);
    await api.waitForCalls(5);

    const paused = await place.cli(['pause', id, '--reason', 'lunch']);
    const standing = await waitUntilStill(place, id);
    const pausedAgain = await place.cli(['pause', id]);
    const callsAtPause = api.calls.length;
    api.delayMs = 0;
    const resumed = await place.cli(['resume', id, '--json']);
    const end = await place.cli(['import', 'clips.csv', '--wait']);

    expect([paused.exitCode, resumed.exitCode, end.exitCode]).toEqual([0, 0, 0]);
    expect(paused.stdout).toBe(`${id} is paused.\n`);
    expect(pausedAgain).toMatchObject({
      exitCode: 0,
      stdout: `${id} is already paused: lunch.\n`,
    });
    expect(JSON.parse(resumed.stdout)).toEqual({ batchId: id, state: 'running' });
    expect(standing.standstill).toContain('lunch');
    expect(standing.batch.counts.succeeded).toBe(callsAtPause);
    expect(callsAtPause).toBeLessThan(60);
    expect(api.calls).toHaveLength(60);
    expect((await place.cli(['verify', id])).exitCode).toBe(0);
  });

  test('another worker takes over every row of a killed one', async ({ place }) => {
    await place.redis();
    const api = await place.api({ delayMs: 50 });
    await place.write('clips.csv', klingManifest(40));
    const id = (await place.cli(['import', 'clips.csv'])).stdout.trim();
    const doomed = place.start(['worker', '--api-concurrency', '4']);
    await api.waitForCalls(6);
    place.start(['worker', '--api-concurrency', '4']);
    doomed.kill('SIGKILL');

    const end = await place.cli(['import', 'clips.csv', '--wait']);

    expect(end.exitCode).toBe(0);
    expect((await place.cli(['verify', id])).stdout).toBe('40 rows = 40 outcomes + 0 pending\n');
    expect(api.callsBySource().size).toBe(40);
    expect(api.calls.length).toBeLessThanOrEqual(44);
  });

  test('a worker that gets SIGTERM finishes its calls and exits 0', async ({ place }) => {
    await place.redis();
    const api = await place.api({ delayMs: 300 });
    await place.write('clips.csv', klingManifest(20));
    const id = (await place.cli(['import', 'clips.csv'])).stdout.trim();
    const worker = place.start(['worker', '--api-concurrency', '3']);
    await api.waitForCalls(3);
    worker.kill('SIGTERM');

    expect((await worker.result()).exitCode).toBe(0);
    const { batch, standstill } = await statusOf(place, id);
    expect(batch.counts.succeeded).toBe(api.calls.length);
    expect(standstill).toContain('No worker is running');
  });
});

test('verify finds a wrong counter', async ({ place }) => {
  const { url } = await place.redis();
  await place.api();
  await place.write('clips.csv', klingManifest(3));
  await place.cli(['run', 'clips.csv', '--batch', 'mine']);
  const redis = new Redis(url);
  await redis.hset(keys.batch('mine'), 'n:succeeded', '9');
  redis.disconnect();

  const { exitCode, stdout } = await place.cli(['verify', 'mine']);

  expect(exitCode).toBe(1);
  expect(stdout).toContain('counter of succeeded says 9');
});

const keys = createKeys();

describe.concurrent('import', () => {
  test('of the same manifest is the same batch; another manifest cannot take its id', async ({
    place,
  }) => {
    await place.redis();
    await place.api();
    await place.write('a.csv', klingManifest(4));
    await place.write('b.csv', klingManifest(5));

    const first = await place.cli(['import', 'a.csv', '--batch', 'mine']);
    const again = await place.cli(['import', 'a.csv', '--batch', 'mine']);
    const other = await place.cli(['import', 'b.csv', '--batch', 'mine']);

    expect([first.stdout, again.stdout]).toEqual(['mine\n', 'mine\n']);
    expect(again.stderr).toContain('imported before');
    expect(other).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('mine') });
    expect((await place.cli(['batches'])).stdout.trim().split('\n')).toHaveLength(1);
  });

  test('that is killed is completed by the same command, without a lost or repeated row', async ({
    place,
  }) => {
    await place.redis();
    await place.api();
    await place.write('large.csv', klingManifest(60_000));
    const first = place.start(['import', 'large.csv', '--batch', 'large']);
    const rows = await waitForRows(place, first);
    first.kill('SIGKILL');
    await first.result();

    const second = await place.cli(['import', 'large.csv', '--batch', 'large']);

    expect(rows).toBeGreaterThan(0);
    expect(second.exitCode).toBe(0);
    expect((await place.cli(['verify', 'large'])).stdout).toBe(
      '60,000 rows = 0 outcomes + 60,000 pending\n',
    );
  });

  test('by two producers at once makes one batch with every row once', async ({ place }) => {
    await place.redis();
    await place.api();
    await place.write('large.csv', klingManifest(20_000));

    const both = await Promise.all([
      place.cli(['import', 'large.csv']),
      place.cli(['import', 'large.csv']),
    ]);

    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(both[0]?.stdout).toBe(both[1]?.stdout);
    const id = both[0]?.stdout.trim() ?? '';
    expect((await place.cli(['verify', id])).stdout).toContain('20,000 rows = 0 outcomes');
  });
});

interface Status {
  batch: { counts: Record<string, number> };
  standstill: string | null;
}

async function statusOf(place: Workplace, id: string): Promise<Status> {
  return JSON.parse((await place.cli(['status', id, '--json'])).stdout);
}

/** Waits until no row of a paused batch is under way. */
async function waitUntilStill(place: Workplace, id: string): Promise<Status> {
  for (let look = 0; look < 40; look += 1) {
    const status = await statusOf(place, id);
    const { probing = 0, ready = 0, opening = 0 } = status.batch.counts;
    if (probing + ready + opening === 0) return status;
  }
  throw new Error('rows of a paused batch stay under way');
}

/** Rows stored by an import that has not finished; looks as fast as Redis answers. */
async function waitForRows(place: Workplace, importing: CliProcess): Promise<number> {
  const redis = new Redis(place.env.REDIS_URL ?? '');
  try {
    while (importing.isRunning) {
      const rows = Number(await redis.hget(keys.batch('large'), 'rows'));
      if (rows > 0) return rows;
    }
    throw new Error('the import ended before it could be killed');
  } finally {
    redis.disconnect();
  }
}
