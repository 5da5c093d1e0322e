import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test as base, describe, expect, onTestFinished, vi } from 'vitest';
import {
  type Connection,
  connect,
  isKlingSessionsError,
  judge,
  type ManifestRow,
  probe,
  type RowResult,
  startWorker,
  type Worker,
} from '../../../src/library/main.ts';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../setup/api-server.ts';
import { type PrivateRedis, startPrivateRedis } from '../../setup/redis/private-redis.ts';
import { startVideoServer } from '../../setup/video-server.ts';

/** A Redis of one test, and what uses it; everything is closed in reverse order. */
class Place implements AsyncDisposable {
  readonly redis: PrivateRedis;
  readonly #opened: AsyncDisposable[] = [];

  constructor(redis: PrivateRedis) {
    this.redis = redis;
    this.#opened.push(redis);
  }

  async api(options: ApiServerOptions = {}): Promise<ApiServer> {
    return this.#keep(await startApiServer(options));
  }

  async connect(): Promise<Connection> {
    return this.#keep(await connect({ redis: this.redis.url, who: 'a test' }));
  }

  async worker(
    api: ApiServer,
    more: Partial<Parameters<typeof startWorker>[0]> = {},
  ): Promise<Worker> {
    const settings = { COMETAPI_KEY: 'test-key', API_BASE_URL: api.baseUrl };
    return this.#keep(await startWorker({ redis: this.redis.url, settings, ...more }));
  }

  #keep<T extends AsyncDisposable>(opened: T): T {
    this.#opened.push(opened);
    return opened;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const opened of this.#opened.reverse()) await opened[Symbol.asyncDispose]();
  }
}

const test = base.extend<{ place: Place }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads the names of fixtures from the pattern
  place: async ({}, use) => {
    await using place = new Place(await startPrivateRedis());
    await use(place);
  },
});

function* rows(count: number): Generator<ManifestRow> {
  for (let index = 1; index <= count; index += 1) {
    const id = 100_000_000_000_000_000n + BigInt(index);
    yield { sku: `SKU-${index}`, video_id: id, task_id: id + 500n };
  }
}

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

const errorOf = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  );

describe.concurrent('library', () => {
  test('the library imports rows, works on them and gives their results', async ({ place }) => {
    const api = await place.api();
    const connection = await place.connect();
    const events: string[] = [];
    const note = (_: object, message: string): void => void events.push(message);
    await place.worker(api, { log: { debug: note, info: note, warn: note, error: note } });

    const source = { rows: rows(3), name: 'nightly' };
    const imported = await connection.importManifest(source, { key: ['sku'] });
    const states = connection.watch(imported.batchId, { everyMs: 50 });
    const progress = await connection.wait(imported.batchId, { everyMs: 50 });
    const seen = await collect(states);
    const results = await collect(connection.results({ batchId: imported.batchId, follow: true }));

    expect(imported).toMatchObject({ rows: 3, found: 'nothing' });
    expect(progress).toMatchObject({ state: 'completed', rows: 3, ended: 3, name: 'nightly' });
    expect(seen.at(-1)).toMatchObject({ state: 'completed', counts: progress.counts });
    expect(results.map(({ row }) => row).sort()).toEqual([1, 2, 3]);
    for (const { session, cells, row } of results) {
      expect(api.sourceOf(session?.id ?? '')).toBe(cells.video_id);
      expect(cells.sku).toBe(`SKU-${row}`);
      expect(session?.expiresAt.getTime()).toBeGreaterThan(Date.now());
    }
    const later = connection.results({ after: (results[1] as RowResult).position });
    expect(await collect(later)).toEqual(results.slice(2));
    expect(api.calls).toHaveLength(3);
  });

  test('the library takes the same table as the same batch, in whatever form it comes', async ({
    place,
  }) => {
    const connection = await place.connect();
    const text = 'video_id,task_id\n100000000000000001,200000000000000001\n';
    const streamOf = () => ({ stream: Readable.from([Buffer.from(text)]), name: 'clips.csv' });

    const first = await connection.importManifest(streamOf());
    const web = new Blob([text]).stream();
    const again = await connection.importManifest({ stream: web, name: 'clips.csv' });

    expect(again).toEqual({ ...first, found: 'all' });
  });

  test('the library steers batches', async ({ place }) => {
    const failing = new Set([1]);
    const api = await place.api({
      fail: (_, nth) => (failing.has(nth) ? { status: 400, code: 1201, message: 'no' } : null),
    });
    const connection = await place.connect();
    const { batchId } = await connection.importManifest({ rows: rows(2), name: 'steered' });
    const paused = await connection.pause(batchId, { reason: 'a test' });
    const twice = await connection.pause(batchId);
    await place.worker(api);
    const stuck = await errorOf(connection.wait(batchId, { everyMs: 50 }));
    const resumed = await connection.resume(batchId);
    const first = await connection.wait(batchId, { everyMs: 50 });
    const counted = await connection.retry(batchId, { dryRun: true });
    const retried = await connection.retry(batchId, { codes: ['1201'] });
    const second = await connection.wait(batchId, { everyMs: 50 });
    const refreshed = await connection.refresh(batchId, { within: '25h', dryRun: true });
    const impossible = await errorOf(connection.cancel(batchId));

    expect([paused.state, twice.state, resumed.state]).toEqual(['paused', 'paused', 'running']);
    expect(stuck).toMatchObject({ name: 'BatchError', code: 'person_needed', batchId });
    expect(first.counts).toMatchObject({ succeeded: 1, failed: 1 });
    expect([counted.rows, retried.rows, refreshed.rows]).toEqual([1, 1, 2]);
    expect(second.counts).toMatchObject({ succeeded: 2, failed: 0 });
    expect(impossible).toMatchObject({ name: 'BatchError', code: 'not_possible' });
  });

  test('the library names what it refuses by a class and a code', async ({ place }) => {
    const connection = await place.connect();
    const unknown = { ...{ prioritty: 3 }, maxFailures: 'many' };
    const refusals: [string, string, () => Promise<unknown>][] = [
      ['BatchError', 'batch_not_found', () => connection.status('nothing')],
      ['BatchError', 'batch_not_found', () => collect(connection.watch('nothing'))],
      ['BatchError', 'batch_not_found', () => connection.pause('nothing')],
      ['ManifestError', 'not_found', () => connection.importManifest('/no/such.csv')],
      ['ManifestError', 'not_found', () => connection.importManifest('http://127.0.0.1/x.csv')],
      ['ManifestError', 'not_found', () => connection.importManifest('-')],
      [
        'ManifestError',
        'download_failed',
        () => connection.importManifest({ url: 'http://127.0.0.1:9/x' }),
      ],
      ['OptionsError', 'unusable_options', () => connection.importManifest({ url: '/etc/passwd' })],
      ['OptionsError', 'unusable_options', () => connection.importManifest('x.csv', unknown)],
      ['OptionsError', 'unusable_options', () => collect(connection.results({ after: 'here' }))],
      ['DataError', 'unknown_position', () => collect(connection.results({ after: '99-1' }))],
      ['SettingsError', 'unusable_settings', () => connect({ settings: { API_CONCURRENCY: 0 } })],
      ['SettingsError', 'unusable_settings', () => startWorker({ settings: {} })],
      ['RedisError', 'redis_unreachable', () => connect({ redis: 'redis://127.0.0.1:1' })],
    ];
    for (const [name, code, refused] of refusals) {
      const error = await errorOf(refused());
      expect(error).toMatchObject({ name, code });
      expect(isKlingSessionsError(error)).toBe(true);
    }
    const error = await errorOf(connection.importManifest('x.csv', unknown));
    expect((error as Error).message).toBe(
      'There is no option prioritty. maxFailures: "many" cannot be used. Use a share such as 50%, a number of rows such as 50, or off.',
    );
  });

  test('the library ends each call with the reason of its signal', async ({ place }) => {
    const connection = await place.connect();
    const { batchId } = await connection.importManifest({ rows: rows(1), name: 'aborted' });
    const abort = new AbortController();
    const { signal } = abort;
    const endless = (async function* () {
      yield* rows(1);
      await once(signal, 'abort');
    })();
    const calls = [
      connection.importManifest({ rows: endless, name: 'endless' }, { signal }),
      connection.wait(batchId, { signal, isPatient: true }),
      collect(connection.watch(batchId, { signal })),
      collect(connection.results({ follow: true, signal })),
    ].map(errorOf);
    const reason = new Error('enough');
    abort.abort(reason);

    expect(await Promise.all(calls)).toEqual(calls.map(() => reason));
    expect(await errorOf(connection.status(batchId, { signal }))).toBe(reason);
    expect(await errorOf(connect({ redis: place.redis.url, signal }))).toBe(reason);
    const settings = { COMETAPI_KEY: 'x' };
    expect(await errorOf(startWorker({ redis: place.redis.url, settings, signal }))).toBe(reason);
  });

  test('the library stops a worker after the calls under way, or gives them back', async ({
    place,
  }) => {
    const api = await place.api({ delayMs: 300 });
    const connection = await place.connect();
    const stop = new AbortController();
    const worker = await place.worker(api, { signal: stop.signal });
    const { batchId } = await connection.importManifest({ rows: rows(30), name: 'stopped' });
    await api.waitForCalls(1);
    stop.abort();
    await worker.stopped;
    const stopped = await connection.status(batchId);

    expect(stopped.counts.succeeded).toBe(api.calls.length);
    expect(stopped).toMatchObject({ state: 'running', workers: 0 });

    api.delayMs = 60_000;
    const hasty = await place.worker(api);
    await api.waitForCalls(stopped.counts.succeeded + 1).catch(() => undefined);
    await hasty.stop({ graceMs: 0 });
    expect(await connection.status(batchId)).toMatchObject({ state: 'running', workers: 0 });
  });
});

// Not beside others: it changes the environment.
test.each([
  { NOTIFY_ALLOW_HOSTS: 'a host' },
  { REPORT_ALLOW_HOSTS: 'a host' },
  { PROBE_ALLOW_HOSTS: 'a host' },
])('a worker that refuses %o leaves nothing behind', async (wrong) => {
  await using place = new Place(await startPrivateRedis());
  const folder = await mkdtemp(join(tmpdir(), 'kling-library-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  vi.stubEnv('TMPDIR', folder);
  const settings = { COMETAPI_KEY: 'test-key', ...wrong };
  const error = await errorOf(startWorker({ redis: place.redis.url, settings }));
  expect(error).toMatchObject({ code: 'unusable_settings' });
  expect(await readdir(folder)).toEqual([]);
});

describe('video', () => {
  test('a video is read and judged, from the web or from a file', async () => {
    await using videos = await startVideoServer();
    const settings = { PROBE_ALLOW_HOSTS: videos.host };
    const found = await probe({ url: videos.urlOf('good.mp4') }, { settings });
    const refused = await probe({ url: videos.urlOf('good.mp4') });
    const file = await probe({ path: 'examples/videos/too-short.mp4' });

    expect(judge(found)).toMatchObject({ verdict: 'accepted', facts: { width: 720, fps: 30 } });
    expect(judge(refused)).toMatchObject({ verdict: 'failed' });
    expect(judge(file)).toMatchObject({
      verdict: 'rejected',
      remarks: [{ code: 'duration_too_short' }],
    });
  });
});
