import { expect, test, vi } from 'vitest';
import { rowJobOf } from '../../../../../src/lib/queue/jobs.ts';
import type { JobResult } from '../../../../../src/lib/queue/queue-worker.ts';
import { AsideCounter } from '../../../../../src/worker/stages/probing/aside-counter.ts';
import { probeInLanes } from '../../../../../src/worker/stages/probing/probe-in-lanes.ts';
import { ProbeLanes } from '../../../../../src/worker/stages/probing/probe-lanes.ts';

const SLOW_AFTER_MS = 20;
const JOB = rowJobOf({ id: 'a', incarnation: '' }, 1, { kind: 'url', videoUrl: 'https://x.test/' });

/** Ends when the test ends it. */
function openEnded() {
  let resolve = (_result: JobResult): void => undefined;
  let reject = (_error: Error): void => undefined;
  const promise = new Promise<JobResult>((onResult, onError) => {
    resolve = onResult;
    reject = onError;
  });
  return {
    promise,
    resolve: (result: JobResult) => resolve(result),
    reject: (error: Error) => reject(error),
  };
}

/** What this worker has set aside and announced. */
function startCounting() {
  const announce = vi.fn(async (_workerId: string, _counts: ReadonlyMap<string, number>) => {});
  const aside = new AsideCounter({ rowsAside: { announce }, workerId: 'worker-1' });
  const places = { lanes: new ProbeLanes(4, SLOW_AFTER_MS), aside };
  return {
    announce,
    count: () => aside.counts.get('a') ?? 0,
    probe: (work: () => Promise<JobResult>) => probeInLanes(places, JOB, work),
    [Symbol.dispose]: () => aside[Symbol.dispose](),
  };
}

test('a slow probe is set aside until it ends, and the dispatchers learn of both', async () => {
  using counting = startCounting();
  const { promise, resolve } = openEnded();
  const probing = counting.probe(() => promise);
  expect(counting.count()).toBe(0);
  await expect.poll(counting.count).toBe(1);
  await expect.poll(() => counting.announce.mock.calls.length).toBe(1);
  resolve({ kind: 'done' });
  await probing;
  expect(counting.count()).toBe(0);
  await expect.poll(() => counting.announce.mock.calls.length).toBe(2);
});

test('a slow probe that fails is no longer set aside', async () => {
  using counting = startCounting();
  const { promise, reject } = openEnded();
  const probing = counting.probe(() => promise);
  await expect.poll(counting.count).toBe(1);
  reject(new Error('broken'));
  await expect(probing).rejects.toThrow('broken');
  expect(counting.count()).toBe(0);
});

test.each<[what: string, result: JobResult, count: number]>([
  ['that asks its server again in five seconds is', { kind: 'later', delayMs: 5_000 }, 1],
  ['that waits for another row of this program is not', { kind: 'later', delayMs: 300 }, 0],
  ['that is done is not', { kind: 'done' }, 0],
])('a row %s set aside', async (_what, result, count) => {
  using counting = startCounting();
  expect(await counting.probe(async () => result)).toEqual(result);
  expect(counting.count()).toBe(count);
});
