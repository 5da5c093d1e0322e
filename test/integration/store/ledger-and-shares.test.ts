import { describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { retryRows } from '../../../src/lib/batch/steer-batch.ts';
import type { Source } from '../../../src/lib/core/manifest/source.ts';
import { Queues } from '../../../src/lib/queue/queues.ts';
import { RedisShares } from '../../../src/lib/store/redis/redis-shares.ts';
import {
  chunk,
  draft,
  failed,
  ref,
  SHAPE,
  withBatch,
} from '../../contract/batch-store/examples.ts';
import { HOUR_MS, NOW_MS, opened, SteeringBench } from './steering-bench.ts';

const MINUTE_MS = 60_000;
const OTHER = { batchId: 'batch-2', row: 1 };
const url = (videoUrl: string): Source => ({ kind: 'url', videoUrl });
const kling = (videoId: string, taskId: string): Source => ({ kind: 'kling', videoId, taskId });
const VIDEO = url('https://videos.example/a.mp4');

describe('ledger', () => {
  it.each([VIDEO, kling('784000000000000001', '784000000000000002')])(
    'the ledger finds the live session of a video that another batch opened (%o)',
    async (source) => {
      const bench = new SteeringBench();
      await withBatch(bench.store, 2);
      await bench.end(2, opened('s2'), source);
      expect(await bench.ledger.findLiveSession(source, OTHER, NOW_MS)).toEqual({
        session: opened('s2').session,
        batchId: 'batch-1',
        row: 2,
      });
    },
  );

  it('the ledger finds the session of a video whose address was signed again', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 2);
    const signed = (signature: string): Source =>
      url(`https://videos.example/a.mp4?Expires=1893456000&Signature=${signature}`);
    await bench.end(2, opened('s2'), signed('one'));
    const live = await bench.ledger.findLiveSession(signed('other'), OTHER, NOW_MS);
    expect(live?.session.id).toBe('s2');
  });

  it.each([
    [VIDEO, url('https://videos.example/b.mp4')],
    [kling('1', '2'), kling('1', '3')],
    [kling('1', '2'), kling('2', '2')],
  ])('the ledger takes %o for another video than %o', async (one, other) => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 2);
    await bench.end(1, opened('s1'), one);
    expect(await bench.ledger.findLiveSession(other, OTHER, NOW_MS)).toBeNull();
  });

  test.each([
    [16 * MINUTE_MS, 's1'],
    [15 * MINUTE_MS, 's1'],
    [15 * MINUTE_MS - 1, undefined],
    [-HOUR_MS, undefined],
  ])('a session that lives for %d ms: %s', async (lifeMs, id) => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 2);
    await bench.end(1, opened('s1', lifeMs), VIDEO);
    const live = await bench.ledger.findLiveSession(VIDEO, OTHER, NOW_MS);
    expect(live?.session.id).toBe(id);
  });

  it('the ledger prefers the session with the latest expiry', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 4);
    for (const [row, hours] of [
      [1, 3],
      [2, 20],
      [3, 9],
    ] as const) {
      await bench.end(row, opened(`s${row}`, hours * HOUR_MS), VIDEO);
    }
    expect(await bench.ledger.findLiveSession(VIDEO, OTHER, NOW_MS)).toMatchObject({ row: 2 });
  });

  it('the ledger knows no rows that got no session of their own', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 3);
    await bench.end(1, failed('x'), VIDEO);
    await bench.end(2, { ...opened('s2'), status: 'reused' }, VIDEO);
    expect(await bench.ledger.findLiveSession(VIDEO, OTHER, NOW_MS)).toBeNull();
  });

  it('the ledger forgets the sessions of a batch that was removed', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 1);
    await bench.end(1, opened('s1'), VIDEO);
    await bench.steering.remove(await bench.batch(), NOW_MS);
    expect(await bench.ledger.findLiveSession(VIDEO, OTHER, NOW_MS)).toBeNull();
  });

  it('the ledger drops an entry when its session expires', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 2);
    await bench.end(1, opened('s1'), VIDEO);
    const [key] = (await bench.keysLeft()).filter((one) => one.startsWith('ledger:'));
    const expiresAtMs = 1_000 * (await bench.redis.expiretime(`${bench.prefix}:${key}`));
    expect(expiresAtMs - (NOW_MS + 24 * HOUR_MS)).toBeGreaterThanOrEqual(0);
    expect(expiresAtMs - (NOW_MS + 24 * HOUR_MS)).toBeLessThanOrEqual(HOUR_MS);
  });

  it('the ledger gives no session to a row that is refreshed, whatever other rows have', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 2);
    await bench.end(1, opened('s1'), VIDEO);
    await bench.end(2, { ...opened('s1'), status: 'reused' }, VIDEO);
    const reused = await bench.store.readOutcomesOf('batch-1', [2]);
    await bench.steering.reopenRows(ref('batch-1'), 0, reused);
    const forRow = { batchId: 'batch-1', row: 2 };
    expect(await bench.ledger.findLiveSession(VIDEO, forRow, NOW_MS)).toBeNull();
    expect(await bench.ledger.findLiveSession(VIDEO, OTHER, NOW_MS)).not.toBeNull();
  });
});

describe('shares', () => {
  const facts = (priority = 10, begun = 0) => ({ priority, endedPerSecond: 2, begun, underWay: 0 });
  const share = (batchId: string, priority = 10, served = 0) => ({
    batchId,
    priority,
    endedPerSecond: 2,
    served,
  });

  it('shares are returned to all batches that announce theirs', async () => {
    const { shares } = new SteeringBench();
    expect(await shares.announce('a', facts(), NOW_MS)).toEqual([share('a')]);
    const heard = await shares.announce('b', facts(40), NOW_MS + 1);
    expect(heard.toSorted((x, y) => x.priority - y.priority)).toEqual([share('a'), share('b', 40)]);
  });

  it('shares include what each batch was given since it began to claim', async () => {
    const { shares } = new SteeringBench();
    await shares.announce('a', facts(10, 500), NOW_MS);
    await shares.announce('b', facts(10, 0), NOW_MS);
    await shares.announce('a', facts(10, 530), NOW_MS);
    const heard = await shares.announce('b', facts(10, 20), NOW_MS);
    expect(heard.toSorted((x, y) => x.served - y.served)).toEqual([
      share('b', 10, 2),
      share('a', 10, 3),
    ]);
  });

  it('shares are the latest announced ones, and end when withdrawn', async () => {
    const { shares } = new SteeringBench();
    await shares.announce('a', facts(), NOW_MS);
    await shares.announce('b', facts(), NOW_MS);
    await shares.withdraw('b');
    expect(await shares.announce('a', facts(20), NOW_MS)).toEqual([share('a', 20)]);
  });

  it('shares expire after ten seconds of silence', async () => {
    const { shares } = new SteeringBench();
    await shares.announce('a', facts(), NOW_MS);
    expect(await shares.announce('b', facts(), NOW_MS + 9_999)).toHaveLength(2);
    expect(await shares.announce('b', facts(), NOW_MS + 10_000)).toEqual([share('b')]);
  });

  it('shares are read once for many looks where there are many, and again within half a second', async () => {
    const { shares, redis, keys } = new SteeringBench();
    const names = Array.from({ length: 600 }, (_, at) => `batch-${at}`);
    for (const name of names) await shares.announce(name, facts(), NOW_MS);
    const elsewhere = new RedisShares(redis, keys);
    const sent = vi.spyOn(redis, 'hgetall');
    onTestFinished(() => sent.mockRestore());

    for (const name of names.slice(0, 20)) await elsewhere.announce(name, facts(), NOW_MS + 1);
    expect(sent).toHaveBeenCalledTimes(1);
    await shares.announce('batch-300', facts(40), NOW_MS + 2);
    const soon = await elsewhere.announce('batch-599', facts(), NOW_MS + 500);
    expect(soon).not.toContainEqual(share('batch-300', 40));
    const later = await elsewhere.announce('batch-599', facts(), NOW_MS + 501);
    expect(later).toContainEqual(share('batch-300', 40));
  });

  it('shares of a batch continue where its latest look has left them, whichever process that was', async () => {
    const { shares, redis, keys } = new SteeringBench();
    const names = Array.from({ length: 300 }, (_, at) => `batch-${at}`);
    for (const name of names) await shares.announce(name, facts(), NOW_MS);
    const elsewhere = new RedisShares(redis, keys);
    await elsewhere.announce('batch-7', facts(10, 500), NOW_MS + 1);

    const heard = await shares.announce('batch-7', facts(10, 530), NOW_MS + 2);
    expect(heard.find(({ batchId }) => batchId === 'batch-7')).toEqual(share('batch-7', 10, 53));
  });

  it('shares are read despite entries of another version of the program', async () => {
    const { shares, redis, keys } = new SteeringBench();
    await redis.hset(keys.shares, 'a', JSON.stringify([10, 2, 0, 0, NOW_MS]));
    expect(await shares.announce('b', facts(), NOW_MS)).toEqual([share('b')]);
  });
});

it('twenty rows among twenty thousand are retried with a few commands for each chunk, and found by index', async () => {
  const bench = new SteeringBench();
  await bench.store.openBatch(draft(), NOW_MS);
  for (let index = 0; index < 40; index += 1) {
    const first = index * 500 + 1;
    const outcomes = Array.from({ length: 500 }, (_, i) => {
      const row = first + i;
      return [row, row % 1_000 === 0 ? failed('x') : opened(`s${row}`)] as [
        number,
        ReturnType<typeof failed>,
      ];
    });
    await bench.store.appendChunk(ref('batch-1'), chunk(index, first + 499, outcomes));
  }
  await bench.store.finishImport(ref('batch-1'), SHAPE, NOW_MS);
  await bench.store.markDispatched(ref('batch-1'), [], 20_000, 0);
  await using queues = new Queues(bench.redis, bench.keys);
  const { store, steering } = bench;
  const context = { store, steering, queues, now: () => NOW_MS };
  const filter = { statuses: new Set(['failed'] as const), codes: null };
  const sent = vi.spyOn(bench.redis, 'sendCommand');
  onTestFinished(() => sent.mockRestore());
  const retried = await retryRows(context, await bench.batch(), filter, {
    who: 'mia',
    reason: null,
  });
  // Two at once to read each of 40 chunks, one to reopen rows in each of 20; and what the batch as a whole takes.
  expect(sent.mock.calls.length).toBeLessThan(80 + 20 + 20);
  expect(retried).toMatchObject({ rows: 20 });
  expect(await bench.store.readDispatch('batch-1')).toMatchObject({
    batch: { state: 'running', counts: { waiting: 20, succeeded: 19_980 } },
    cursor: 1_000,
  });
  expect(await bench.problems()).toEqual([]);
});
