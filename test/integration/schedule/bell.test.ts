import { expect, test, vi } from 'vitest';
import { runBatchId } from '../../../src/lib/core/schedule/run-batch-id.ts';
import type { ScheduleRun } from '../../../src/lib/core/schedule/schedule.ts';
import { startQueueWorker } from '../../../src/lib/queue/queue-worker.ts';
import { ScheduleQueue } from '../../../src/lib/queue/schedule-queue.ts';
import { sweepSchedules } from '../../../src/worker/schedules/keep-schedules.ts';
import { planSchedule } from '../../../src/worker/schedules/plan-schedule.ts';
import { runSchedule } from '../../../src/worker/schedules/run-schedule.ts';
import { NightLab } from './night-lab.ts';

const NAMES = ['nightly', 'hourly', 'often'];

/** The lab with BullMQ's own timer, two workers, and schedules that run every second. */
async function startBell(): Promise<AsyncDisposable & { lab: NightLab }> {
  const lab = await NightLab.open();
  lab.nowMs = Date.now();
  await lab.putText('clips.csv', 'video_url\nnowhere\n');
  const queue = new ScheduleQueue(lab.redis, lab.keys);
  const batches = { ...lab.context.batches, now: Date.now };
  const context = { ...lab.context, queue, batches };
  for (const name of NAMES) await lab.set({ name, zone: 'UTC', cron: '* * * * * *' });
  const workers = [1, 2].map(() =>
    startQueueWorker({
      queue: 'schedule',
      connection: lab.redis,
      keys: lab.keys,
      concurrency: 2,
      onError: () => undefined,
      handle: (job) =>
        job.kind === 'tick'
          ? planSchedule(context, job.schedule)
          : runSchedule(context, job.schedule, job.plannedAtMs),
    }),
  );
  // A worker's first step finds that there is no timer yet.
  await sweepSchedules(context);
  for (const name of NAMES) expect(await queue.readNextTick(name)).not.toBeNull();
  return {
    lab,
    [Symbol.asyncDispose]: async () => {
      for (const name of NAMES) await queue.stopTicks(name);
      await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
      await queue[Symbol.asyncDispose]();
    },
  };
}

test('BullMQ fires every second: each planned time has one run, and the first run its batch, whichever worker gets it', async () => {
  await using bell = await startBell();
  const { lab } = bell;
  for (const name of NAMES) {
    // Only the first run of a schedule certainly meets no other one, which it would skip or wait for.
    const [first] = await waitForRuns(
      lab,
      name,
      ([run]) => run !== undefined && run.startedAtMs !== null,
    );
    expect(first?.startedAtMs).toBeGreaterThanOrEqual(first?.plannedAtMs ?? 0);
    const planned = (await waitForRuns(lab, name, (runs) => runs.length >= 3)).map(
      ({ plannedAtMs }) => plannedAtMs,
    );
    expect(planned.every((timeMs) => timeMs % 1_000 === 0)).toBe(true);
    expect(new Set(planned).size).toBe(planned.length);
    const id = runBatchId({ name, zone: 'UTC' }, first?.plannedAtMs ?? 0);
    await vi.waitFor(
      async () =>
        expect(await lab.store.readBatch(id)).toMatchObject({ state: 'completed', rows: 1 }),
      PATIENCE,
    );
  }
}, 60_000);

const PATIENCE = { timeout: 25_000, interval: 50 };

/** The runs of a schedule, oldest first, except those that a busy machine missed. */
const waitForRuns = (
  lab: NightLab,
  name: string,
  isSo: (runs: ScheduleRun[]) => boolean,
): Promise<ScheduleRun[]> =>
  vi.waitFor(async () => {
    const runs = (await lab.runs(name)).filter(({ state }) => state !== 'missed');
    expect(runs).toSatisfy(isSo);
    return runs;
  }, PATIENCE);
