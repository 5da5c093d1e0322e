import { expect, it } from 'vitest';
import { changeBatch } from '../../../src/lib/batch/pausing/by-person.ts';
import {
  cancelBatch,
  retryRows,
  type SteeringContext,
  setBatchPriority,
} from '../../../src/lib/batch/steer-batch.ts';
import { Queues } from '../../../src/lib/queue/queues.ts';
import { digestSource } from '../../../src/lib/store/redis/packing/source-digest.ts';
import { RedisProbeMemory } from '../../../src/lib/store/redis/redis-probe-memory.ts';
import { countsOf, failed, ref, withBatch } from '../../contract/batch-store/examples.ts';
import { NOW_MS, opened, SteeringBench } from './steering-bench.ts';

const ACT = { who: 'mia@lab', reason: 'lunch' };
const FAILED = { statuses: new Set(['failed'] as const), codes: null };

class SteeringLab extends SteeringBench implements AsyncDisposable, SteeringContext {
  readonly queues = new Queues(this.redis, this.keys);
  readonly now = (): number => NOW_MS;

  async dispatchJobs(): Promise<number> {
    const { wait = 0, delayed = 0 } = await this.queues.countJobs('dispatch');
    return wait + delayed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.queues[Symbol.asyncDispose]();
  }
}

it('the history records who did what and why, newest first', async () => {
  await using lab = new SteeringLab();
  await withBatch(lab.store, 3);
  await changeBatch(lab, ref('batch-1'), 'pause', ACT);
  await changeBatch(lab, ref('batch-1'), 'resume', { ...ACT, reason: null });
  await setBatchPriority(lab, ref('batch-1'), 40, ACT);
  await cancelBatch(lab, ref('batch-1'), ACT);
  const history = await lab.steering.readHistory('batch-1');
  expect(history.map(({ what }) => what)).toEqual([
    'cancelled',
    'priority set to 40',
    'resumed',
    'paused',
  ]);
  expect(history[0]).toEqual({ atMs: NOW_MS, what: 'cancelled', ...ACT });
});

it('the history records nothing that did not happen', async () => {
  await using lab = new SteeringLab();
  await withBatch(lab.store, 1);
  expect(await changeBatch(lab, ref('batch-1'), 'resume', ACT)).toBeNull();
  await lab.end(1, opened('s1'));
  expect(await cancelBatch(lab, ref('batch-1'), ACT)).toBeNull();
  expect(await retryRows(lab, await lab.batch(), FAILED, ACT)).toMatchObject({ rows: 0 });
  expect(await lab.steering.readHistory('batch-1')).toEqual([]);
  expect(await lab.dispatchJobs()).toBe(0);
});

it('a retry selects rows by code', async () => {
  await using lab = new SteeringLab();
  await withBatch(lab.store, 4);
  for (const [row, code] of [
    [1, '1201'],
    [2, 'timeout'],
    [3, '1201'],
  ] as const) {
    await lab.end(row, failed(code));
  }
  const filter = { ...FAILED, codes: new Set(['1201']) };
  expect(await retryRows(lab, await lab.batch(), filter, ACT)).toMatchObject({ rows: 2 });
  expect(await countsOf(lab.store, 'batch-1')).toEqual({ waiting: 3, failed: 1 });
  expect(await lab.store.readErrors('batch-1', 9)).toMatchObject([{ code: 'timeout', count: 1 }]);
});

it('a retry runs and dispatches a completed batch again, twice with the same effect as once', async () => {
  await using lab = new SteeringLab();
  await withBatch(lab.store, 2);
  await lab.end(1, opened('s1'));
  await lab.end(2, failed('x'));
  const batch = await lab.batch();
  expect(batch.state).toBe('completed');
  expect(await retryRows(lab, batch, FAILED, ACT)).toMatchObject({ rows: 1 });
  expect(await retryRows(lab, await lab.batch(), FAILED, ACT)).toMatchObject({ rows: 0 });
  expect(await lab.batch()).toMatchObject({ state: 'running', finishedAtMs: null });
  expect(await lab.dispatchJobs()).toBeGreaterThan(0);
});

it('cancelling ends rows at once, and reports for each how often it was called and what may exist of it', async () => {
  await using lab = new SteeringLab();
  await withBatch(lab.store, 5);
  await lab.begin(1, { state: 'ready', attempts: 2, lostCalls: 1 });
  await lab.begin(2, { state: 'waiting', attempts: 3 }, true);
  await lab.begin(3, { state: 'waiting', isCalling: true }, true);
  await lab.begin(4, { state: 'ready' });
  expect(await cancelBatch(lab, ref('batch-1'), ACT)).toBe('cancelled');
  const results = (await lab.entries()).map(({ result }) => result);
  expect(results).toMatchObject([
    { status: 'cancelled', attempts: 2, possibleOrphans: 1 },
    { status: 'cancelled', attempts: 3, error: { code: 'cancelled' } },
    { status: 'unconfirmed', attempts: 1, possibleOrphans: 1 },
    { status: 'cancelled', attempts: 0 },
    { status: 'cancelled', attempts: 0 },
  ]);
  expect(await lab.batch()).toMatchObject({ possibleOrphans: 2, finishedAtMs: NOW_MS });
  // Row 3, which may have a session.
  expect(await lab.store.readErrors('batch-1', 9)).toMatchObject([{ count: 1 }]);
  expect(await lab.problems()).toEqual([]);
});

it('a retry begins while the last calls of a cancelled batch end', async () => {
  await using lab = new SteeringLab();
  await withBatch(lab.store, 4);
  await lab.end(1, failed('x'));
  await lab.begin(2, { state: 'opening', isCalling: true });
  expect(await cancelBatch(lab, ref('batch-1'), ACT)).toBe('cancelling');
  expect(await retryRows(lab, await lab.batch(), FAILED, ACT)).toMatchObject({ rows: 1 });
  expect(await lab.batch()).toMatchObject({ state: 'running' });
  expect(await lab.statuses()).toEqual(['waiting', 'opening', 'cancelled', 'cancelled']);
  expect(await lab.store.readAgain('batch-1', 9)).toEqual([1]);
  await lab.end(2, opened('s2'));
  await lab.end(1, opened('s1'));
  expect(await lab.batch()).toMatchObject({ state: 'completed' });
  expect(await lab.problems()).toEqual([]);
});

it('a retry queues cancelled rows again, each once', async () => {
  await using lab = new SteeringLab();
  await withBatch(lab.store, 700);
  await lab.end(1, opened('s1'));
  await cancelBatch(lab, ref('batch-1'), ACT);
  const filter = { statuses: new Set(['cancelled'] as const), codes: null };
  expect(await retryRows(lab, await lab.batch(), filter, ACT)).toMatchObject({ rows: 699 });
  expect(await retryRows(lab, await lab.batch(), filter, ACT)).toMatchObject({ rows: 0 });
  expect(await countsOf(lab.store, 'batch-1')).toEqual({ succeeded: 1, waiting: 699 });
  expect(await lab.problems()).toEqual([]);
});

it('a retry makes a video that several rows name be read again', async () => {
  await using lab = new SteeringLab();
  const memory = new RedisProbeMemory(lab.redis, lab.keys);
  const url = 'https://videos.example/1.mp4';
  await withBatch(lab.store, 2);
  await lab.end(1, failed('http_404'));
  const { digest } = digestSource({ kind: 'url', videoUrl: url });
  await lab.redis.hset(lab.keys.probeMemory('batch-1'), digest, '');
  const cost = { durationMs: 1, requests: 1, bytesRead: 0 };
  const first = await memory.recall(ref('batch-1'), url);
  const turn = first.kind === 'yours' ? first.turn : '';
  await memory.remember(ref('batch-1'), url, turn, { kind: 'no_video_track', cost });
  expect(await memory.recall(ref('batch-1'), url)).toMatchObject({ kind: 'known' });
  await retryRows(lab, await lab.batch(), FAILED, ACT);
  expect(await memory.recall(ref('batch-1'), url)).toMatchObject({ kind: 'yours' });
  expect(await memory.recall(ref('batch-1'), 'https://other.example')).toEqual({
    kind: 'unshared',
  });
});
