import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { newRun, type ScheduleRun } from '../../../src/lib/core/schedule/schedule.ts';
import { RedisScheduleStore } from '../../../src/lib/schedule/redis-schedule-store.ts';
import { createKeys } from '../../../src/lib/store/keys.ts';
import { exampleSchedule } from '../../setup/examples/schedule.ts';
import { prefixForTest, testRedisUrl } from '../../setup/redis/redis.ts';

function openStore(): RedisScheduleStore {
  const redis = new Redis(testRedisUrl());
  onTestFinished(() => redis.disconnect());
  return new RedisScheduleStore(redis, createKeys(prefixForTest()));
}

describe('setting a schedule', () => {
  test('setting a schedule returns every field, and says what it did', async () => {
    const store = openStore();
    const schedule = exampleSchedule({
      only: ['new', 'failed'],
      reading: { map: { video_url: 'Link' }, delimiter: ';', format: 'csv', sheet: null },
      finishBy: '06:00',
      window: { from: '22:00', to: '06:00' },
      notify: { url: 'https://hooks.example.com/x', format: 'slack' },
    });
    expect(await store.set(schedule, 1_000)).toBe('created');
    expect(await store.set(schedule, 2_000)).toBe('unchanged');
    const kept = {
      schedule,
      isPaused: false,
      plannedUntilMs: 1_000,
      createdAtMs: 1_000,
      setAtMs: 1_000,
    };
    expect(await store.read('nightly')).toEqual(kept);
    expect(await store.list()).toEqual([kept]);
    const changed = { ...schedule, priority: 20 };
    expect(await store.set(changed, 3_000)).toBe('changed');
    expect(await store.read('nightly')).toEqual({ ...kept, schedule: changed, setAtMs: 3_000 });
  });

  test('setting a schedule plans again only if the times change', async () => {
    const store = openStore();
    await store.set(exampleSchedule(), 1_000);
    await store.set(exampleSchedule({ cron: '0 3 * * *' }), 5_000);
    expect(await store.read('nightly')).toMatchObject({
      plannedUntilMs: 5_000,
      createdAtMs: 1_000,
    });
  });

  test('the store lists schedules by name and drops what was removed', async () => {
    const store = openStore();
    for (const name of ['b', 'c', 'a']) await store.set(exampleSchedule({ name }), 1);
    expect(await store.remove('c')).toBe(true);
    expect(await store.remove('c')).toBe(false);
    expect((await store.list()).map(({ schedule }) => schedule.name)).toEqual(['a', 'b']);
    expect(await store.read('c')).toBeNull();
  });

  test('a pause is not made up for', async () => {
    const store = openStore();
    await store.set(exampleSchedule(), 1_000);
    expect(await store.setPaused('nightly', true, 2_000)).toBe('changed');
    expect(await store.setPaused('nightly', true, 3_000)).toBe('unchanged');
    expect(await store.read('nightly')).toMatchObject({ isPaused: true, plannedUntilMs: 1_000 });
    expect(await store.setPaused('nightly', false, 9_000)).toBe('changed');
    expect(await store.read('nightly')).toMatchObject({ isPaused: false, plannedUntilMs: 9_000 });
    expect(await store.setPaused('hourly', true, 1)).toBe('not_found');
  });
});

describe('runs', () => {
  const run = (plannedAtMs: number, given: Partial<ScheduleRun> = {}): ScheduleRun => ({
    ...newRun(plannedAtMs, 'timer'),
    ...given,
  });

  test('if two workers plan the same run, one adds it', async () => {
    const store = openStore();
    await store.set(exampleSchedule(), 0);
    const [one, other] = await Promise.all([
      store.addRuns('nightly', [run(10)], 10),
      store.addRuns('nightly', [run(10, { state: 'missed' }), run(20)], 20),
    ]);
    expect([...one, ...other].toSorted((a, b) => a - b)).toEqual([10, 20]);
    expect(await store.read('nightly')).toMatchObject({ plannedUntilMs: 20 });
    expect((await store.listRuns('nightly')).map(({ plannedAtMs }) => plannedAtMs)).toEqual([
      20, 10,
    ]);
  });

  test('the planning of runs never goes back, and a manual run does not move it', async () => {
    const store = openStore();
    await store.set(exampleSchedule(), 0);
    await store.addRuns('nightly', [run(20)], 20);
    await store.addRuns('nightly', [run(10)], 10);
    await store.addRuns('nightly', [run(30, { trigger: 'person' })], null);
    expect(await store.read('nightly')).toMatchObject({ plannedUntilMs: 20 });
  });

  test('if two workers change a run, one succeeds', async () => {
    const store = openStore();
    await store.set(exampleSchedule(), 0);
    await store.addRuns('nightly', [run(10)], 10);
    const found = await store.readRun('nightly', 10);
    const importing = run(10, { state: 'importing', startedAtMs: 11, batchId: 'nightly-x' });
    const swapped = await store.swapRun('nightly', found?.version ?? '', importing);
    expect(swapped?.run).toEqual(importing);
    expect(await store.swapRun('nightly', found?.version ?? '', run(10))).toBeNull();
    expect(await store.readRun('nightly', 10)).toEqual(swapped);
    const finished = { ...importing, state: 'finished', finishedAtMs: 12 } as const;
    expect(await store.swapRun('nightly', swapped?.version ?? '', finished)).not.toBeNull();
  });

  test('the store keeps the last 100 runs, and older ones that have not ended', async () => {
    const store = openStore();
    await store.set(exampleSchedule(), 0);
    await store.addRuns('nightly', [run(1, { state: 'running' })], 1);
    for (let day = 2; day <= 130; day += 1) {
      await store.addRuns('nightly', [run(day, { state: 'missed' })], day);
    }
    const planned = (await store.listRuns('nightly')).map(({ plannedAtMs }) => plannedAtMs);
    expect(planned).toHaveLength(100);
    expect(planned.slice(-2)).toEqual([32, 1]);
  });

  test('a removed schedule has none', async () => {
    const store = openStore();
    await store.set(exampleSchedule(), 0);
    await store.addRuns('nightly', [run(10)], 10);
    await store.remove('nightly');
    expect(await store.addRuns('nightly', [run(20)], 20)).toEqual([]);
    expect(await store.listRuns('nightly')).toEqual([]);
  });
});
