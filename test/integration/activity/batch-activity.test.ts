import { expect, it } from 'vitest';
import { BatchActivity } from '../../../src/lib/activity/batch-activity.ts';
import { Timeline } from '../../../src/lib/activity/timeline.ts';
import { type Activity, noActivity } from '../../../src/lib/core/activity.ts';
import { ref, withBatch } from '../../contract/batch-store/examples.ts';
import { SteeringBench } from '../store/steering-bench.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** In the middle of a minute, of ten and of an hour. */
const NOW_MS = 1_700_000_100_000 + 245_000;

async function open(): Promise<{ bench: SteeringBench; activity: BatchActivity }> {
  const bench = new SteeringBench();
  await withBatch(bench.store, 3);
  return { bench, activity: new BatchActivity(bench.redis, bench.keys) };
}

const ended = (succeeded: number): Activity => {
  const activity = noActivity();
  activity.outcomes.succeeded = succeeded;
  return activity;
};

const shown = (steps: { activity: Activity }[]): number[] =>
  steps.map(({ activity }) => activity.outcomes.succeeded);

it('the store returns what was done for a batch by the minute, by ten and by the hour', async () => {
  const { activity } = await open();
  await activity.add(ref('batch-1'), ended(3), NOW_MS - 2 * MINUTE_MS);
  await activity.add(ref('batch-1'), ended(4), NOW_MS);
  await activity.add(ref('batch-1'), ended(1), NOW_MS);
  const read = async (name: 'minutes' | 'tens' | 'hours', lengthMs: number) =>
    shown(await activity.readRecent('batch-1', name, lengthMs, NOW_MS));
  expect(await read('minutes', 4 * MINUTE_MS)).toEqual([0, 3, 0, 5]);
  expect((await read('tens', 20 * MINUTE_MS)).reduce((sum, rows) => sum + rows, 0)).toBe(8);
  expect((await read('hours', 7 * 24 * HOUR_MS)).at(-1)).toBe(8);
  expect(await read('hours', 7 * 24 * HOUR_MS)).toHaveLength(168);
});

it('the activity of a batch drops steps that no chart shows any more, and ends by itself', async () => {
  const { bench, activity } = await open();
  for (let minute = 0; minute < 200; minute += 1) {
    await activity.add(ref('batch-1'), ended(1), NOW_MS + minute * MINUTE_MS);
  }
  const key = bench.keys.batchMinutes('batch-1');
  expect(await bench.redis.hlen(key)).toBeLessThanOrEqual(182);
  expect(await bench.redis.pttl(key)).toBeGreaterThan(0);
});

it('nothing is counted for a batch that was removed, and its activity is removed with it', async () => {
  const { bench, activity } = await open();
  await activity.add(ref('batch-1'), ended(1), NOW_MS);
  await bench.steering.remove(await bench.batch(), NOW_MS);
  await activity.add(ref('batch-1'), ended(1), NOW_MS);
  expect((await bench.keysLeft()).filter((key) => key.includes('activity'))).toEqual([]);
});

it('marks of charts are kept in order, each once, for eight days', async () => {
  const bench = new SteeringBench();
  const timeline = new Timeline(bench.redis, bench.keys);
  const gate = { atMs: NOW_MS, kind: 'gate' as const, what: 'gate blocked: 1102' };
  const worker = { atMs: NOW_MS - HOUR_MS, kind: 'worker' as const, what: 'worker 1 started' };
  for (const mark of [gate, worker, gate]) await timeline.add(mark);
  expect(await timeline.read(NOW_MS - HOUR_MS)).toEqual([worker, gate]);
  await timeline.add({ ...worker, atMs: worker.atMs + 8 * 24 * HOUR_MS });
  expect(await timeline.read(0)).toMatchObject([{ kind: 'gate' }, { kind: 'worker' }]);
});
