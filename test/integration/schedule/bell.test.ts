import { expect, test, vi } from 'vitest';
import type { ScheduleRun } from '../../../src/lib/core/schedule.ts';
import { startQueueWorker } from '../../../src/lib/queue/queue-worker.ts';
import { ScheduleQueue } from '../../../src/lib/queue/schedule-queue.ts';
import { sweepSchedules } from '../../../src/worker/schedules/keep-schedules.ts';
import { planSchedule } from '../../../src/worker/schedules/plan-schedule.ts';
import { runSchedule } from '../../../src/worker/schedules/run-schedule.ts';
import { NightLab } from './night-lab.ts';

/** The lab with BullMQ's own timer and two workers. */
async function startBell(): Promise<AsyncDisposable & { lab: NightLab; queue: ScheduleQueue }> {
  const lab = await NightLab.open();
  lab.nowMs = Date.now();
  await lab.putText('clips.csv', 'video_url\nnowhere\n');
  const queue = new ScheduleQueue(lab.redis, lab.keys);
  const batches = { ...lab.context.batches, now: Date.now };
  const context = { ...lab.context, queue, batches };
  const schedule = await lab.set({ zone: 'UTC', cron: '* * * * * *', overlap: 'queue' });
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
  // What a worker does first finds that there is no bell yet.
  await sweepSchedules(context);
  expect(await queue.readNextTick(schedule.name)).not.toBeNull();
  return {
    lab,
    queue,
    [Symbol.asyncDispose]: async () => {
      await queue.stopTicks(schedule.name);
      await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
      await queue[Symbol.asyncDispose]();
    },
  };
}

test('BullMQ rings every second: each planned time has one run and one batch, whichever worker hears it', async () => {
  await using bell = await startBell();
  const { lab } = bell;
  const isStarted = ({ startedAtMs }: ScheduleRun): boolean => startedAtMs !== null;
  await vi.waitFor(
    async () => expect((await lab.runs()).filter(isStarted).length).toBeGreaterThanOrEqual(3),
    { timeout: 20_000, interval: 100 },
  );
  const runs = (await lab.runs()).filter(isStarted);
  const planned = runs.map(({ plannedAtMs }) => plannedAtMs);
  expect(planned.every((timeMs) => timeMs % 1_000 === 0)).toBe(true);
  expect(new Set(planned).size).toBe(planned.length);
  expect(new Set(runs.map(({ batchId }) => batchId)).size).toBe(planned.length);
  for (const { plannedAtMs, startedAtMs, batchId } of runs.slice(0, 3)) {
    expect(startedAtMs).toBeGreaterThanOrEqual(plannedAtMs);
    await vi.waitFor(
      async () => expect((await lab.store.readBatch(batchId ?? ''))?.state).toBe('completed'),
      { timeout: 10_000, interval: 50 },
    );
  }
});
