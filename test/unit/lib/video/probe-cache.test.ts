import { expect, test } from 'vitest';
import { createMemoryProbeCache, withProbeCache } from '../../../../src/lib/video/probe-cache.ts';
import type { ProbeResult, Prober } from '../../../../src/lib/video/prober.ts';

const COST = { durationMs: 5, requests: 2, bytesRead: 100 };
const FREE = { durationMs: 0, requests: 0, bytesRead: 0 };
const NO_VIDEO: ProbeResult = { kind: 'no_video_track', cost: COST };
const { signal } = new AbortController();

const failure = (isRetryable: boolean): ProbeResult => ({
  kind: 'unreadable',
  failure: { code: 'x', message: 'x', isRetryable },
  cost: COST,
});

/** A prober that counts its readings and ends them when told. */
function fakeProber(result: ProbeResult = NO_VIDEO) {
  const urls: string[] = [];
  const open = withResolvers();
  let aborted = 0;
  const prober: Prober = {
    async probe(url, options) {
      urls.push(url);
      options.signal.addEventListener('abort', () => {
        aborted += 1;
      });
      await open.promise;
      return result;
    },
  };
  return { prober, urls, finish: open.resolve, aborted: () => aborted };
}

function withResolvers() {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Lets everything that is ready run. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('rows of the same URL at the same time share one reading', async () => {
  const fake = fakeProber();
  const cached = withProbeCache(fake.prober, createMemoryProbeCache());
  const probes = ['a', 'a', 'b', 'a'].map((url) => cached.probe(url, { signal }));
  fake.finish();
  expect(await Promise.all(probes)).toEqual([NO_VIDEO, NO_VIDEO, NO_VIDEO, NO_VIDEO]);
  expect(fake.urls).toEqual(['a', 'b']);
});

test.each<[string, ProbeResult, string[]]>([
  ['a result is remembered', NO_VIDEO, ['a']],
  ['a failure for good is remembered', failure(false), ['a']],
  ['a failure that may pass is not', failure(true), ['a', 'a']],
])('%s', async (_sentence, result, expected) => {
  const fake = fakeProber(result);
  const cached = withProbeCache(fake.prober, createMemoryProbeCache());
  fake.finish();
  await cached.probe('a', { signal });
  await cached.probe('a', { signal });
  expect(fake.urls).toEqual(expected);
});

test('what is remembered costs nothing', async () => {
  const fake = fakeProber();
  const cached = withProbeCache(fake.prober, createMemoryProbeCache());
  fake.finish();
  await cached.probe('a', { signal });
  expect(await cached.probe('a', { signal })).toEqual({ ...NO_VIDEO, cost: FREE });
});

test('one who is aborted leaves, and the others get their result', async () => {
  const fake = fakeProber();
  const cached = withProbeCache(fake.prober, createMemoryProbeCache());
  const controller = new AbortController();
  const leaving = cached.probe('a', { signal: controller.signal });
  const staying = cached.probe('a', { signal });
  controller.abort(new Error('stop'));
  await expect(leaving).rejects.toThrow('stop');
  fake.finish();
  expect(await staying).toEqual(NO_VIDEO);
  expect(fake.aborted()).toBe(0);
});

test('when all have left, the reading is aborted and the next one starts anew', async () => {
  const fake = fakeProber();
  const cached = withProbeCache(fake.prober, createMemoryProbeCache());
  const controller = new AbortController();
  const leaving = cached.probe('a', { signal: controller.signal });
  await settle();
  controller.abort(new Error('stop'));
  await expect(leaving).rejects.toThrow('stop');
  expect(fake.aborted()).toBe(1);
  const next = cached.probe('a', { signal });
  fake.finish();
  expect(await next).toEqual(NO_VIDEO);
  expect(fake.urls).toEqual(['a', 'a']);
});

test('an aborted signal reads nothing', async () => {
  const fake = fakeProber();
  const cached = withProbeCache(fake.prober, createMemoryProbeCache());
  await expect(cached.probe('a', { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow(
    'stop',
  );
  expect(fake.urls).toEqual([]);
});

test('memory forgets what was not asked for longest', async () => {
  const cache = createMemoryProbeCache(2);
  await cache.set('a', NO_VIDEO);
  await cache.set('b', NO_VIDEO);
  await cache.get('a');
  await cache.set('c', NO_VIDEO);
  const known = await Promise.all(['a', 'b', 'c'].map((url) => cache.get(url)));
  expect(known.map((result) => result !== null)).toEqual([true, false, true]);
});
