import { beforeAll, expect, it } from 'vitest';
import { makeVideos, openProbeLab, type ProbeLab } from './probe-lab.ts';

beforeAll(makeVideos, 120_000);

const ANOTHER_IS_TRIED = { kind: 'later', delayMs: 300 };

/** This many workers have begun to read the row's video and then vanished. */
async function killWorkers({ lab }: ProbeLab, row: number, times: number): Promise<void> {
  const work = await lab.take(row);
  await work.advance({ state: 'probing', probeStarts: times });
}

it('a row that has killed its worker is retried, and a success clears the suspicion', async () => {
  const setup = await openProbeLab(['good.mp4']);
  await killWorkers(setup, 1, 2);
  expect(await setup.lab.probeRow(1, setup.worker)).toEqual({ kind: 'done' });
  expect(await setup.lab.progress()).toMatchObject({ state: 'ready', probeStarts: 0 });
});

it('rows that may have killed a worker are retried one at a time, and delay no other row', async () => {
  const setup = await openProbeLab(['good.mp4', 'good.mov', 'small.mp4']);
  const { lab, worker, beforeReading, readings } = setup;
  await killWorkers(setup, 1, 1);
  await killWorkers(setup, 2, 1);
  const meanwhile: unknown[] = [];
  beforeReading.act = async () => {
    beforeReading.act = async () => undefined;
    meanwhile.push(await lab.probeRow(2, worker), await lab.probeRow(3, worker));
  };
  expect(await lab.probeRow(1, worker)).toEqual({ kind: 'done' });
  expect(meanwhile).toEqual([ANOTHER_IS_TRIED, { kind: 'done' }]);
  expect(await lab.progress(2)).toMatchObject({ probeStarts: 1 });
  expect(await lab.outcome(3)).toMatchObject({ status: 'rejected' });
  expect(await lab.probeRow(2, worker)).toEqual({ kind: 'done' });
  expect(readings()).toBe(3);
});

it('a row that has killed three workers ends, and its video is not read again', async () => {
  const setup = await openProbeLab(['good.mp4']);
  await killWorkers(setup, 1, 3);
  expect(await setup.lab.probeRow(1, setup.worker)).toEqual({ kind: 'done' });
  expect(setup.readings()).toBe(0);
  expect(await setup.lab.outcome()).toMatchObject({
    status: 'failed',
    error: { code: 'worker_died' },
    attempts: 0,
  });
  expect(await setup.lab.problems()).toEqual([]);
});

it('the start of a reading is counted before the video is read, so that a crash is noticed', async () => {
  const { lab, worker, beforeReading } = await openProbeLab(['good.mp4']);
  let during: unknown;
  beforeReading.act = async () => {
    during = await lab.progress();
  };
  await lab.probeRow(1, worker);
  expect(during).toMatchObject({ state: 'probing', probeStarts: 1 });
});
