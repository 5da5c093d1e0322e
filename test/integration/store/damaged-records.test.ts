import { describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { RedisActivityLog } from '../../../src/lib/activity/redis-activity-log.ts';
import { noActivity } from '../../../src/lib/core/activity.ts';
import { NO_ARRANGEMENTS } from '../../../src/lib/core/batch/batch.ts';
import { newRun } from '../../../src/lib/core/schedule/schedule.ts';
import { startQueueWorker } from '../../../src/lib/queue/queue-worker.ts';
import { Queues } from '../../../src/lib/queue/queues.ts';
import { RedisScheduleStore } from '../../../src/lib/schedule/redis-schedule-store.ts';
import { AuditLog } from '../../../src/lib/store/redis/audit-log.ts';
import { digestSource } from '../../../src/lib/store/redis/packing/source-digest.ts';
import { RedisBatchWatch } from '../../../src/lib/store/redis/redis-batch-watch.ts';
import { RedisProbeMemory } from '../../../src/lib/store/redis/redis-probe-memory.ts';
import { listWorkers, sendHeartbeat } from '../../../src/lib/store/redis/worker-registry.ts';
import { UnreadableRecord } from '../../../src/lib/store/unreadable-record.ts';
import {
  chunk,
  draft,
  outcome,
  ref,
  SHAPE,
  withBatch,
} from '../../contract/batch-store/examples.ts';
import { exampleSchedule } from '../../setup/examples/schedule.ts';
import { NOW_MS, opened, SteeringBench } from './steering-bench.ts';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const NIGHT = { from: '22:00', to: '06:00' };
const arranged = (window: object): string => JSON.stringify({ ...NO_ARRANGEMENTS, window });

/** A batch that is fine, beside one whose field was changed. */
async function withDamage(field: string, text: string): Promise<SteeringBench> {
  const bench = new SteeringBench();
  await withBatch(bench.store, 1);
  await bench.store.openBatch(draft({ id: 'bad', identity: 'bad' }), NOW_MS);
  await bench.store.appendChunk(ref('bad'), chunk(0, 500));
  await bench.store.appendChunk(ref('bad'), chunk(1, 600));
  await bench.redis.hset(bench.keys.batch('bad'), field, text);
  return bench;
}

describe('a batch whose record is damaged', () => {
  test.each([
    ['arrangements', arranged(NIGHT), 'arrangements.window.zone'],
    ['arrangements', arranged({ ...NIGHT, zone: 'Etc/Unknown' }), 'is not a time zone'],
    ['arrangements', arranged({ ...NIGHT, to: '22:00', zone: 'UTC' }), 'begins when it ends'],
    ['arrangements', '{"schedule":', 'arrangements: is not JSON'],
    ['options', '{}', 'options.strictFps'],
    ['state', 'asleep', 'state'],
    ['createdAtMs', '9'.repeat(16), 'createdAtMs'],
    ['n:waiting', 'many', 'counts.waiting: is not a whole number'],
    ['cursor', '', 'cursor'],
  ])(
    'a batch whose record is damaged is one line of a list that continues: %s = %s',
    async (field, text, reason) => {
      const { overview } = await withDamage(field, text);
      const records = await all(overview.listRecords());
      expect(records).toMatchObject([
        { kind: 'unreadable', id: 'bad', reason: expect.stringContaining(reason) },
        { kind: 'batch', batch: { id: 'batch-1' } },
      ]);
      expect(records[0]).toMatchObject({
        reason: expect.stringContaining('`kling-sessions batches rm bad` removes it.'),
      });
      expect((await all(overview.listBatches())).map(({ id }) => id)).toEqual(['batch-1']);
    },
  );

  test.each([
    ['its key has another type', 'string'],
    ['it is gone', 'gone'],
    ['it does not say how many rows there are', 'rows'],
  ])(
    'a batch whose record is damaged can be removed with all its rows, also where %s',
    async (_, damage) => {
      const bench = await withDamage('rows', '');
      const { redis, keys, store, steering, overview } = bench;
      if (damage !== 'rows') await redis.del(keys.batch('bad'));
      if (damage === 'string') await redis.set(keys.batch('bad'), 'scribble');
      await expect(store.readBatch('bad')).rejects.toBeInstanceOf(UnreadableRecord);
      expect(await all(overview.listRecords())).toHaveLength(2);
      expect(await all(overview.listStandings())).not.toHaveLength(0);
      await steering.removeDamaged('bad');
      expect(await store.readBatch('bad')).toBeNull();
      const left = (await bench.keysLeft()).filter((key) => key.startsWith('batch:bad'));
      expect(left).toEqual([]);
      expect(await all(overview.listRecords())).toHaveLength(1);
    },
  );

  it('a damaged record is never made: a record that could not be read again is not stored', async () => {
    const { store, overview } = new SteeringBench();
    const window = { ...NIGHT, zone: undefined as unknown as string };
    const wanted = draft({ arrangements: { ...NO_ARRANGEMENTS, window } });
    await expect(store.openBatch(wanted, NOW_MS)).rejects.toThrow(/not stored.*window\.zone/);
    expect(await all(overview.listRecords())).toEqual([]);
  });

  it('a batch whose record is damaged is left out by the watch for windows and deadlines', async () => {
    const bench = await withDamage('arrangements', arranged(NIGHT));
    await bench.redis.sadd(bench.keys.arranged, 'bad', 'batch-1');
    const watch = new RedisBatchWatch(bench.redis, bench.keys, bench.store);
    expect((await all(watch.listArranged())).map(({ id }) => id)).toEqual(['batch-1']);
  });
});

describe('rows', () => {
  it('one whose outcome is damaged is unconfirmed in the report, and verify names it', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 3);
    for (const row of [1, 2, 3]) await bench.end(row, opened(`s${row}`));
    await bench.redis.hset(bench.keys.outcomes('batch-1', 0), '2', `{"s":"succ","t":${NOW_MS}}`);
    const entries = await bench.entries();
    expect(entries.map(({ result }) => result)).toMatchObject([
      { status: 'succeeded' },
      { status: 'unconfirmed', finishedAtMs: NOW_MS, error: { code: 'outcome_damaged' } },
      { status: 'succeeded' },
    ]);
    expect(await bench.problems()).toContain(
      'Row 2: The outcome of this row in Redis cannot be read; a session may exist.',
    );
  });

  it('one whose progress is damaged keeps its place in the counts', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 2);
    await bench.begin(1, { state: 'ready' });
    await bench.redis.hset(bench.keys.underWay('batch-1'), '1', '{"state":"ready"}');
    expect(await bench.store.readRow(ref('batch-1'), 1)).toMatchObject({
      isDamaged: true,
      progress: { state: 'ready', lostCalls: 1 },
    });
    const pages = await all(bench.store.listUnderWay('batch-1'));
    expect(pages[0]?.get(1)).toMatchObject({ state: 'ready' });
    expect(await bench.problems()).toEqual([]);
  });

  it('an outcome or progress that could not be read again is not stored', async () => {
    const bench = new SteeringBench();
    await withBatch(bench.store, 1);
    await expect(bench.end(1, outcome({ finishedAtMs: Number.NaN }))).rejects.toThrow(/not stored/);
    await expect(bench.begin(1, { video: { fps: Number.POSITIVE_INFINITY } })).rejects.toThrow(
      /not stored/,
    );
  });

  it('a damaged probe result makes the video be read again', async () => {
    const { redis, keys, store } = new SteeringBench();
    await withBatch(store, 1);
    const memory = new RedisProbeMemory(redis, keys);
    const batch = ref('batch-1');
    const url = 'https://videos.example/1.mp4';
    await redis.hset(
      keys.probeMemory('batch-1'),
      digestSource({ kind: 'url', videoUrl: url }).digest,
      '',
    );
    const [digest = ''] = await redis.hkeys(keys.probeMemory('batch-1'));
    await redis.hset(keys.probeMemory('batch-1'), digest, '{"kind":"vid');
    expect(await memory.recall(batch, url)).toEqual({ kind: 'unshared' });
    await redis.hset(keys.probeMemory('batch-1'), digest, 'scribble');
    expect(await memory.recall(batch, url)).toMatchObject({ kind: 'yours' });
  });
});

describe('schedules', () => {
  async function openSchedules() {
    const { redis, keys } = new SteeringBench();
    const schedules = new RedisScheduleStore(redis, keys);
    await schedules.set(exampleSchedule(), NOW_MS);
    await schedules.set(exampleSchedule({ name: 'weekly' }), NOW_MS);
    return { redis, keys, schedules };
  }

  test.each([
    ['definition', '{"name":"weekly"}', 'cron'],
    ['definition', JSON.stringify(exampleSchedule({ zone: 'Nowhere/City' })), 'not a time zone'],
    ['plannedUntilMs', 'soon', 'is not a moment'],
    ['isPaused', 'perhaps', 'isPaused'],
  ])('a damaged one is one line of a list that goes on: %s = %s', async (field, text, reason) => {
    const { redis, keys, schedules } = await openSchedules();
    await redis.hset(keys.schedule('weekly'), field, text);
    expect(await schedules.listRecords()).toMatchObject([
      { kind: 'schedule', kept: { schedule: { name: 'nightly' } } },
      { kind: 'unreadable', name: 'weekly', reason: expect.stringContaining(reason) },
    ]);
    expect(await schedules.list()).toHaveLength(1);
    expect(await schedules.set(exampleSchedule({ name: 'weekly' }), NOW_MS)).not.toBe('created');
    expect(await schedules.list()).toHaveLength(2);
  });

  it('a damaged one can be removed', async () => {
    const { redis, keys, schedules } = await openSchedules();
    await redis.del(keys.schedule('weekly'));
    await redis.set(keys.schedule('weekly'), 'scribble');
    await expect(schedules.read('weekly')).rejects.toBeInstanceOf(UnreadableRecord);
    expect(await schedules.remove('weekly')).toBe(true);
    expect(await schedules.read('weekly')).toBeNull();
  });

  it('a damaged run is a failed one, and others are planned despite it', async () => {
    const { redis, keys, schedules } = await openSchedules();
    await schedules.addRuns('nightly', [newRun(1_000, 'timer')], null);
    await redis.hset(keys.runs('nightly'), '2000', '{"state":"running"}', 'scribble', 'x');
    expect(await schedules.listRuns('nightly')).toMatchObject([
      { plannedAtMs: 2_000, state: 'failed', reason: { code: 'internal_error' } },
      { plannedAtMs: 1_000, state: 'waiting' },
    ]);
    expect(await schedules.readLastRun('nightly')).toMatchObject({ plannedAtMs: 2_000 });
    const runs = Array.from({ length: 110 }, (_, n) => newRun(3_000 + n, 'timer'));
    expect(await schedules.addRuns('nightly', runs, null)).toHaveLength(110);
  });

  it('a run that could not be read again is not stored', async () => {
    const { schedules } = await openSchedules();
    const run = newRun(Number.NaN, 'timer');
    await expect(schedules.addRuns('nightly', [run], null)).rejects.toThrow(/not stored/);
  });
});

describe('records outside the batches', () => {
  it('a damaged line of a history says so, between the others', async () => {
    const { redis, keys, store, steering } = new SteeringBench();
    await withBatch(store, 1);
    const entry = { atMs: NOW_MS, who: 'ann', what: 'paused', reason: null };
    await steering.addHistory(ref('batch-1'), entry);
    await redis.lpush(keys.history('batch-1'), '{"atMs":');
    await redis.lpush(keys.audit, 'scribble');
    const audit = new AuditLog(redis, keys);
    await audit.add(entry);
    expect(await steering.readHistory('batch-1')).toMatchObject([{ who: '?' }, entry]);
    expect(await audit.read(10)).toMatchObject([entry, { what: 'this line cannot be read' }]);
  });

  it('a damaged heartbeat hides no other worker', async () => {
    const { redis, keys } = new SteeringBench();
    const info = { id: 'w', host: 'h', pid: 1, startedAtMs: NOW_MS };
    await sendHeartbeat(redis, keys, {
      ...info,
      limits: { concurrency: 1, ratePerSecond: 0, sessionsPerDay: 0 },
    });
    await redis.zadd(keys.workers, '+inf', '{"id":"older"}');
    expect((await listWorkers(redis, keys)).map(({ id }) => id)).toEqual(['w']);
  });

  it('a damaged count of what workers did counts as nothing', async () => {
    const { redis, keys } = new SteeringBench();
    const log = new RedisActivityLog(redis, keys);
    const activity = { ...noActivity(), probes: 2 };
    await log.add(activity, NOW_MS);
    await redis.hset(keys.activityTotals, 'latencyTotalMs', 'long');
    const step = Math.floor(NOW_MS / 60_000);
    await redis.set(keys.activity(60_000, step - 1), 'scribble');
    expect(await log.readTotals()).toMatchObject({ probes: 2, latencyTotalMs: 0 });
    const recent = await log.readRecent('minutes', 5 * 60_000, NOW_MS);
    expect(recent.map((one) => one.activity.probes)).toEqual([0, 0, 0, 0, 2]);
  });

  it('a damaged claim keeps no batch from its share', async () => {
    const { redis, keys, shares } = new SteeringBench();
    await redis.hset(keys.shares, 'other', '{"');
    const facts = { priority: 10, endedPerSecond: 1, begun: 0, underWay: 0 };
    expect(await shares.announce('batch-1', facts, NOW_MS)).toHaveLength(1);
  });

  it('a damaged pending event is dropped, and the others are announced', async () => {
    const { redis, keys, store } = new SteeringBench();
    const watch = new RedisBatchWatch(redis, keys, store);
    await redis.sadd(keys.untold, 'scribble', 'batch-1 soon', `batch-1 ${NOW_MS}`);
    expect(await watch.listPending()).toEqual([
      { batch: { id: 'batch-1', incarnation: '' }, what: 'ended', atMs: NOW_MS },
    ]);
    expect(await redis.scard(keys.untold)).toBe(1);
  });

  it('a damaged job is dropped, so that its row can be queued again', async () => {
    const { redis, keys } = new SteeringBench();
    const queues = new Queues(redis, keys);
    const job = {
      batchId: 'batch-1',
      incarnation: 'first',
      row: 0.5,
      source: { kind: 'url', videoUrl: 'x' },
    } as const;
    await queues.addRows('probe', [job]);
    const errors: Error[] = [];
    const worker = startQueueWorker({
      queue: 'probe',
      connection: redis.duplicate({ maxRetriesPerRequest: null }),
      keys,
      concurrency: 1,
      onError: (error) => errors.push(error),
      handle: async () => ({ kind: 'done' }),
    });
    onTestFinished(async () => {
      await worker[Symbol.asyncDispose]();
      await queues[Symbol.asyncDispose]();
    });
    await expect
      .poll(() => errors[0]?.message)
      .toMatch(/^Job batch-1~first-0\.5 of probe cannot be read: row/);
    await expect.poll(() => queues.findWithoutJob(ref('batch-1'), [0.5])).toEqual([0.5]);
  });

  it('a finished import of a shape that could not be read again is not stored', async () => {
    const { store } = new SteeringBench();
    await store.openBatch(draft(), NOW_MS);
    const shape = { ...SHAPE, columns: [null] as unknown as string[] };
    await expect(store.finishImport(ref('batch-1'), shape, NOW_MS)).rejects.toThrow(/not stored/);
  });
});

test('a batch that is made between two reads does not count as lost', async () => {
  const bench = new SteeringBench();
  await withBatch(bench.store, 1);
  vi.spyOn(bench.redis, 'hgetall').mockResolvedValueOnce({});

  expect(await bench.store.readBatch('batch-1')).toMatchObject({ id: 'batch-1', rows: 1 });
});
