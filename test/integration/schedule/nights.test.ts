import { describe, expect, test } from 'vitest';
import type { ScheduledImport } from '../../../src/lib/schedule/importer.ts';
import { listRunsAsTheyStand } from '../../../src/lib/schedule/runs-as-they-stand.ts';
import { RedisBatchSteering } from '../../../src/lib/store/redis/redis-batch-steering.ts';
import { planSchedule } from '../../../src/worker/schedules/plan-schedule.ts';
import { runSchedule } from '../../../src/worker/schedules/run-schedule.ts';
import { NightLab } from './night-lab.ts';

test("a month of nights: each runs at its time, by the zone's clocks, with its own manifest", async () => {
  const lab = await NightLab.open();
  lab.nowMs = Date.parse('2026-10-15T00:00Z');
  await lab.set({ zone: 'Europe/Berlin', cron: '30 2 * * *', manifest: '{yyyy}/{MM-dd}.csv' });
  const days = Array.from({ length: 31 }, (_, day) => new Date(Date.UTC(2026, 9, 15 + day)));
  for (const day of days) {
    const date = day.toISOString().slice(0, 10);
    await lab.put(`${date.slice(0, 4)}/${date.slice(5)}.csv`, [date]);
    await lab.passUntil(`${date}T01:31Z`);
    await lab.endBatch(`nightly-${date.replaceAll('-', '')}-023000`);
  }
  await lab.passUntil('2026-11-14T02:00Z');
  // 02:30 exists twice on October 25; it is the first one that counts.
  const hourOf = (day: Date): string => (day < new Date('2026-10-26') ? '00:30' : '01:30');
  expect(await lab.story()).toEqual(
    days.map((day) => {
      const time = `${day.toISOString().slice(5, 10)}T${hourOf(day)}`;
      return `${time} → ${time}: finished`;
    }),
  );
  expect((await lab.runs()).every(({ counts }) => counts?.succeeded === 1)).toBe(true);
  expect(lab.notices).toEqual([]);
});

test('a night in spring without two o’clock runs at three', async () => {
  const lab = await NightLab.open();
  lab.nowMs = Date.parse('2026-03-06T12:00Z');
  await lab.set({ zone: 'America/New_York', cron: '0,30 2 * * *' });
  await lab.putText('clips.csv', 'video_url\nnowhere\n');
  await lab.passUntil('2026-03-10T00:00Z');
  expect((await lab.story()).map((line) => line.split(':').slice(0, 2).join(':'))).toEqual([
    '03-07T07:00 → 03-07T07',
    '03-07T07:30 → 03-07T07',
    '03-08T07:00 → 03-08T07',
    '03-09T06:00 → 03-09T06',
    '03-09T06:30 → 03-09T06',
  ]);
});

describe('no worker was running', () => {
  test('the latest missed run is caught up on, the others are listed', async () => {
    const lab = await NightLab.open();
    await lab.set({ zone: 'UTC' });
    await lab.put('clips.csv', ['a']);
    await lab.passUntil('2026-11-01T02:01Z');
    await lab.endBatch('nightly-20261101-020000');
    await lab.passUntil('2026-11-01T02:05Z');
    await lab.beAwayUntil('2026-11-04T09:00Z');
    await lab.passUntil('2026-11-04T09:01Z');
    expect(await lab.story()).toEqual([
      '11-01T02:00 → 11-01T02:00: finished',
      '11-02T02:00: missed (missed)',
      '11-03T02:00: missed (missed)',
      '11-04T02:00 → 11-04T09:00: running',
    ]);
    expect((await lab.runs()).at(-1)).toMatchObject({ trigger: 'catch-up' });
    expect(lab.notices).toMatchObject([
      { kind: 'run_missed', run: { plannedAtMs: Date.parse('2026-11-03T02:00Z') } },
    ]);
  });

  test('a run that is due while no worker runs is not caught up on when it is too late, and the next one is on time', async () => {
    const lab = await NightLab.open();
    await lab.set({ zone: 'UTC', catchUpMs: 3_600_000 });
    await lab.put('clips.csv', ['a']);
    await lab.beAwayUntil('2026-11-01T03:00:01Z');
    await lab.passUntil('2026-11-02T02:01Z');
    expect(await lab.story()).toEqual([
      '11-01T02:00: missed (missed)',
      '11-02T02:00 → 11-02T02:00: running',
    ]);
  });

  test('a pause is not made up for', async () => {
    const lab = await NightLab.open();
    await lab.set({ zone: 'UTC' });
    await lab.put('clips.csv', ['a']);
    await lab.schedules.setPaused('nightly', true, lab.nowMs);
    await lab.passUntil('2026-11-03T12:00Z');
    await lab.schedules.setPaused('nightly', false, lab.nowMs);
    await lab.beAwayUntil('2026-11-03T12:01Z');
    await lab.passUntil('2026-11-04T02:01Z');
    expect(await lab.story()).toEqual(['11-04T02:00 → 11-04T02:00: running']);
  });
});

describe('a run that is due while the previous one is under way', () => {
  const twoNights = async (overlap: 'skip' | 'queue' | 'cancel-previous'): Promise<NightLab> => {
    const lab = await NightLab.open();
    await lab.set({ zone: 'UTC', overlap });
    await lab.put('clips.csv', ['a', 'b']);
    await lab.passUntil('2026-11-02T02:01Z');
    return lab;
  };

  test('a run that is skipped while the previous one is under way says so', async () => {
    const lab = await twoNights('skip');
    expect(await lab.story()).toEqual([
      '11-01T02:00 → 11-01T02:00: running',
      '11-02T02:00: skipped (overlap)',
    ]);
    expect(lab.notices).toMatchObject([{ kind: 'run_skipped', why: 'overlap' }]);
  });

  test('a skipped run shows why the batch of the previous run does not move', async () => {
    const lab = await twoNights('queue');
    const { schedules, batches } = lab.context;
    const running = await lab.store.readBatch('nightly-20261101-020000');
    if (running === null) throw new Error('the first night made no batch');
    await batches.steering.pauseItself(running, 'too many rows failed', lab.nowMs);
    const [waits, stands] = await listRunsAsTheyStand(schedules, lab.store, 'nightly');
    expect(waits).toMatchObject({ state: 'waiting', reason: null });
    expect(stands).toMatchObject({
      state: 'running',
      reason: { code: 'paused', sentence: 'Its batch is paused: too many rows failed.' },
    });
  });

  test('a run is not delayed if the previous batch has ended, although no worker has looked since', async () => {
    const lab = await NightLab.open();
    await lab.set({ zone: 'UTC', cron: '*/2 * * * *' });
    await lab.put('clips.csv', ['a']);
    await lab.passUntil('2026-11-01T00:03:59Z');
    await lab.endBatch('nightly-20261101-000200');
    await lab.passUntil('2026-11-01T00:04Z');
    expect(await lab.story()).toEqual([
      '11-01T00:02 → 11-01T00:02: running',
      '11-01T00:04 → 11-01T00:04: running',
    ]);
  });

  test('a run that is queued starts when the previous one has ended', async () => {
    const lab = await twoNights('queue');
    await lab.endBatch('nightly-20261101-020000');
    await lab.passUntil('2026-11-02T02:03Z');
    expect(await lab.story()).toEqual([
      '11-01T02:00 → 11-01T02:00: finished',
      '11-02T02:00 → 11-02T02:01: running',
    ]);
  });

  test('a run that cancels the previous one ends it', async () => {
    const lab = await twoNights('cancel-previous');
    expect(await lab.story()).toEqual([
      '11-01T02:00 → 11-01T02:00: finished (cancelled)',
      '11-02T02:00 → 11-02T02:00: running',
    ]);
    const [first] = await lab.runs();
    expect(first?.counts).toMatchObject({ cancelled: 2 });
  });
});

describe('two workers', () => {
  test('two workers start one run and one batch between them', async () => {
    const lab = await NightLab.open();
    const schedule = await lab.set({ zone: 'UTC' });
    await lab.put('clips.csv', ['a', 'b', 'c']);
    lab.nowMs = Date.parse('2026-11-01T02:00Z');
    await Promise.all(Array.from({ length: 4 }, () => planSchedule(lab.context, 'nightly')));
    await Promise.all(
      Array.from({ length: 4 }, () => runSchedule(lab.context, schedule, lab.nowMs)),
    );
    const [run, ...others] = await lab.runs();
    expect(others).toEqual([]);
    expect(run).toMatchObject({ state: 'running', batchId: 'nightly-20261101-020000' });
    expect((await lab.store.readBatch('nightly-20261101-020000'))?.rows).toBe(3);
  });

  test('one continues where the other crashed, with the same file', async () => {
    const lab = await NightLab.open();
    const schedule = await lab.set({ zone: 'UTC', manifest: '*.csv' });
    await lab.put('first.csv', ['a']);
    lab.nowMs = Date.parse('2026-11-01T02:00Z');
    await planSchedule(lab.context, 'nightly');
    const dying = {
      ...lab.context.importer,
      find: lab.context.importer.find.bind(lab.context.importer),
      import: () => Promise.reject(new Error('Connection is closed.')),
    };
    const context = { ...lab.context, importer: dying };
    await expect(runSchedule(context, schedule, lab.nowMs)).rejects.toThrow('Connection');
    lab.nowMs += 10_000;
    await lab.put('second.csv', ['a', 'b']);
    await lab.passUntil('2026-11-01T02:01Z');
    const [run] = await lab.runs();
    expect(run?.manifest).toMatch(/first\.csv$/);
    expect(run).toMatchObject({ state: 'running', startedAtMs: Date.parse('2026-11-01T02:00Z') });
  });
});

test.each(['lives', 'dies'])(
  'a run that is still read gives way to the next one, and its batch ends, whether its worker %s',
  async (end) => {
    const lab = await NightLab.open();
    const schedule = await lab.set({ zone: 'UTC', overlap: 'cancel-previous' });
    await lab.put('clips.csv', ['a', 'b']);
    lab.nowMs = Date.parse('2026-11-01T02:00Z');
    await planSchedule(lab.context, 'nightly');
    const { importer } = lab.context;
    const dying = new AbortController();
    const slow = {
      find: importer.find.bind(importer),
      // The next run begins after this one has read the manifest and before its first row.
      import: async (task: ScheduledImport) => {
        lab.nowMs += 86_400_000;
        await planSchedule(lab.context, 'nightly');
        await runSchedule(lab.context, schedule, lab.nowMs);
        const ending = await importer.import(task);
        if (end === 'lives') return ending;
        dying.abort();
        throw new Error('killed');
      },
    };
    const worker = { ...lab.context, importer: slow, stopping: dying.signal };
    const firstAtMs = lab.nowMs;
    await runSchedule(worker, schedule, firstAtMs);
    if (end === 'dies') await runSchedule(lab.context, schedule, firstAtMs);
    expect((await lab.store.readBatch('nightly-20261101-020000'))?.state).toBe('cancelled');
    expect(await lab.story()).toEqual([
      '11-01T02:00 → 11-01T02:00: skipped (cancelled)',
      '11-02T02:00 → 11-02T02:00: running',
    ]);
  },
);

test('only new and failed rows: compared with all nights before, not with the last alone', async () => {
  const lab = await NightLab.open();
  await lab.set({ zone: 'UTC', only: ['new', 'failed'] });
  const night = async (date: number, rows: string[], failed: number[] = []): Promise<number> => {
    await lab.put('clips.csv', rows);
    await lab.passUntil(`2026-11-0${date}T02:01Z`);
    const batchId = `nightly-2026110${date}-020000`;
    await lab.endBatch(batchId, failed);
    return (await lab.store.readBatch(batchId))?.rows ?? 0;
  };
  expect(await night(1, ['a', 'b', 'c'], [2])).toBe(3);
  expect(await night(2, ['a', 'b', 'c', 'd'])).toBe(2);
  expect(await night(3, ['a', 'b', 'c', 'd'])).toBe(0);
  expect(await night(4, ['a', 'b', 'c', 'd', 'e', 'e'], [1])).toBe(1);
  expect(await night(5, ['a', 'b', 'c', 'd', 'e', 'e'])).toBe(1);
  expect((await lab.story())[2]).toMatch(/skipped \(nothing_new\)$/);
});

test('only new and failed rows: none are new because a spreadsheet saved the table', async () => {
  const lab = await NightLab.open();
  await lab.set({ zone: 'UTC', only: ['new', 'failed'] });
  const night = async (date: number, rows: string[], failed: number[] = []): Promise<number> => {
    const lines = rows.map((cells, at) => `https://v.example/${at}.mp4,${cells}\n`);
    await lab.putText('clips.csv', `video_url,price\n${lines.join('')}`);
    await lab.passUntil(`2026-11-0${date}T02:01Z`);
    const batchId = `nightly-2026110${date}-020000`;
    await lab.endBatch(batchId, failed);
    return (await lab.store.readBatch(batchId))?.rows ?? 0;
  };
  expect(await night(1, ['1.50', '007', '3'], [2])).toBe(3);
  expect(await night(2, ['1.5', '7', '3', '4.0'])).toBe(2);
  expect(await night(3, ['1.50', '007', '3.00', '4'])).toBe(0);
  expect(await night(4, ['1.5', '7', '3', '4', '5'])).toBe(1);
});

test('a run that continues the one before says in the history of its batch what becomes of the rows', async () => {
  const lab = await NightLab.open();
  await lab.set({ zone: 'UTC', continue: 'nightly' });
  const night = async (date: number, rows: string[]) => {
    await lab.put('clips.csv', rows);
    await lab.passUntil(`2026-11-0${date}T02:01Z`);
    const batchId = `nightly-2026110${date}-020000`;
    await lab.endBatch(batchId);
    return await new RedisBatchSteering(lab.redis, lab.keys).readHistory(batchId);
  };
  expect(await night(1, ['a', 'b'])).toEqual([]);
  expect(await night(2, ['a', 'c'])).toMatchObject([
    {
      who: 'schedule nightly',
      what: expect.stringMatching(
        /^clips\.csv has changed since nightly-20261101-020000: .*: 2 calls\.$/,
      ),
    },
  ]);
});

test('the first good run is announced even if no worker has looked at the bad one since it ended', async () => {
  const lab = await NightLab.open();
  const schedule = await lab.set({ zone: 'UTC', cron: '*/2 * * * *' });
  await lab.put('clips.csv', ['a']);
  await lab.passUntil('2026-11-01T00:03:59Z');
  await lab.endBatch('nightly-20261101-000200', [1]);
  lab.nowMs = Date.parse('2026-11-01T00:04Z');
  await planSchedule(lab.context, 'nightly');
  await runSchedule(lab.context, schedule, lab.nowMs);
  await lab.endBatch('nightly-20261101-000400');
  await runSchedule(lab.context, schedule, lab.nowMs);
  expect((await lab.story())[0]).toMatch(/: running$/);
  expect(lab.notices.map(({ kind }) => kind)).toEqual(['recovered']);
});

test('the first good night after a bad one is announced', async () => {
  const lab = await NightLab.open();
  await lab.set({ zone: 'UTC' });
  for (const [date, failed] of [
    [1, []],
    [2, [1]],
    [3, []],
    [4, []],
  ] as const) {
    await lab.put('clips.csv', ['a', 'b']);
    await lab.passUntil(`2026-11-0${date}T02:01Z`);
    await lab.endBatch(`nightly-2026110${date}-020000`, failed);
  }
  await lab.passUntil('2026-11-04T02:03Z');
  expect(lab.notices.map(({ kind }) => kind)).toEqual(['recovered']);
  expect(lab.notices).toMatchObject([{ batch: { id: 'nightly-20261103-020000' } }]);
});
