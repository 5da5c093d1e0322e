import pino from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { NO_ARRANGEMENTS } from '../../../src/lib/core/batch/batch.ts';
import type { Notice } from '../../../src/lib/notice/notice.ts';
import { Queues } from '../../../src/lib/queue/queues.ts';
import { ReportQueue } from '../../../src/lib/queue/report-queue.ts';
import { RedisBatchWatch } from '../../../src/lib/store/redis/redis-batch-watch.ts';
import { takeRow } from '../../../src/worker/stages/work/row-work.ts';
import { sendBatchNotices } from '../../../src/worker/upkeep/send-batch-notices.ts';
import { Sweep } from '../../../src/worker/upkeep/sweep.ts';
import { WorkMeter } from '../../../src/worker/upkeep/work-meter.ts';
import type { WorkerContext } from '../../../src/worker/worker-context.ts';
import {
  draft,
  outcome,
  ref,
  SHAPE,
  SOURCE,
  withBatch,
} from '../../contract/batch-store/examples.ts';
import { NightLab } from '../schedule/night-lab.ts';
import { NOW_MS, SteeringBench } from '../store/steering-bench.ts';

/** A log that is kept: `level message`, and what it is about. */
function keptLog() {
  const lines: { msg: string; batch?: string; schedule?: string }[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  return { log, lines };
}

async function breakBatch({ redis, keys, store }: SteeringBench, id: string): Promise<void> {
  await store.openBatch(draft({ id, identity: id }), NOW_MS);
  await store.finishImport(ref(id), SHAPE, NOW_MS);
  await redis.hset(keys.batch(id), 'options', '{}');
}

it('the sweep serves other batches despite an unreadable one, and reports that one once', async () => {
  const bench = new SteeringBench();
  const { redis, keys, store, overview } = bench;
  await withBatch(store, 2);
  await breakBatch(bench, 'bad');
  const queues = new Queues(redis, keys);
  onTestFinished(() => queues[Symbol.asyncDispose]());
  const { log, lines } = keptLog();
  const sweep = new Sweep({ overview, store, queues, isLeader: async () => true, log });
  for (let look = 0; look < 3; look += 1) await sweep.sweep();
  expect(lines.filter(({ msg }) => msg === 'batch cannot be read')).toMatchObject([
    { batch: 'bad' },
  ]);
  expect(lines).toContainEqual(
    expect.objectContaining({ msg: 'lost work put back', batch: 'batch-1' }),
  );
});

it('other batches get notices despite an unreadable one, which gets its own once it is repaired', async () => {
  const bench = new SteeringBench();
  const { redis, keys, store } = bench;
  await withBatch(store, 1);
  await bench.end(1, outcome({ finishedAtMs: NOW_MS }));
  await store.openBatch(draft({ id: 'bad', identity: 'bad' }), NOW_MS);
  await store.finishImport(ref('bad'), SHAPE, NOW_MS);
  const options = (await redis.hget(keys.batch('bad'), 'options')) ?? '';
  await redis.hset(keys.batch('bad'), 'options', '{}');
  const sent: string[] = [];
  const { log, lines } = keptLog();
  const reports = new ReportQueue(redis, keys);
  onTestFinished(() => reports[Symbol.asyncDispose]());
  const context = {
    store,
    reports,
    watch: new RedisBatchWatch(redis, keys, store),
    notices: {
      send: async (notice: Notice) => {
        if ('batch' in notice) sent.push(notice.batch.id);
      },
    },
    log,
  };
  await sendBatchNotices(context);
  await sendBatchNotices(context);
  expect(sent).toEqual(['batch-1']);
  expect(lines).toMatchObject([{ msg: 'batch passed over', batch: 'bad' }]);
  await redis.hset(keys.batch('bad'), 'options', options);
  await sendBatchNotices(context);
  expect(sent).toEqual(['batch-1', 'bad']);
});

it('a row whose progress is damaged ends as unconfirmed, as it may have a session', async () => {
  const bench = new SteeringBench();
  const { redis, keys, store } = bench;
  await withBatch(store, 1);
  await bench.begin(1, { state: 'opening', isCalling: true });
  await redis.hset(keys.underWay('batch-1'), '1', '{"state":"opening"');
  const context = {
    store,
    halting: new AbortController().signal,
    log: pino({ level: 'silent' }),
    meter: new WorkMeter(),
    now: () => NOW_MS,
  } as unknown as WorkerContext;
  const taken = await takeRow(context, {
    batchId: 'batch-1',
    incarnation: 'first',
    row: 1,
    source: SOURCE,
  });
  expect(taken).toEqual({ kind: 'not_now', result: { kind: 'done' } });
  const [entry] = await bench.entries();
  expect(entry?.result).toMatchObject({
    status: 'unconfirmed',
    error: { code: 'record_damaged' },
    possibleOrphans: 1,
  });
  expect(await bench.batch()).toMatchObject({ state: 'completed', counts: { unconfirmed: 1 } });
  expect(await bench.problems()).toEqual([]);
});

it('other schedules keep their times despite an unreadable one', async () => {
  const lab = await NightLab.open();
  await lab.set({ name: 'bad', zone: 'UTC' });
  await lab.set({ name: 'nightly', zone: 'UTC' });
  await lab.put('clips.csv', ['a']);
  await lab.redis.hset(lab.keys.schedule('bad'), 'definition', '{}');
  await lab.beAwayUntil('2026-11-01T03:00Z');
  await lab.passUntil('2026-11-01T03:01Z');
  expect(await lab.story()).toEqual(['11-01T02:00 → 11-01T03:00: running']);
});

it('a run stays in the history even if its batch is unreadable', async () => {
  const lab = await NightLab.open();
  await lab.set({ zone: 'UTC' });
  await lab.put('clips.csv', ['a']);
  await lab.passUntil('2026-11-01T02:00:01Z');
  const id = 'nightly-20261101-020000';
  const window = { from: '22:00', to: '06:00', zone: '' };
  const arrangements = JSON.stringify({ ...NO_ARRANGEMENTS, window });
  await lab.redis.hset(lab.keys.batch(id), 'arrangements', arrangements);
  await lab.passUntil('2026-11-01T02:01Z');
  const [run] = await lab.runs();
  expect(run).toMatchObject({ state: 'failed', reason: { code: 'internal_error' } });
  expect(run?.reason?.sentence).toContain(`Batch ${id} cannot be read: arrangements.window.zone`);
});
