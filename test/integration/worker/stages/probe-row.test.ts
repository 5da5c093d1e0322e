import { beforeAll, expect, it } from 'vitest';
import { changeBatch } from '../../../../src/lib/batch/pausing/by-person.ts';
import { ACT } from '../../steering/workshop.ts';
import { makeVideos, openProbeLab } from './probe-lab.ts';

beforeAll(makeVideos, 120_000);

it('a row is passed on to be opened once its video is accepted', async () => {
  const { lab, worker, handedOn } = await openProbeLab(['good.mp4']);
  expect(await lab.probeRow(1, worker)).toEqual({ kind: 'done' });
  expect(await lab.progress()).toMatchObject({
    state: 'ready',
    probeStarts: 0,
    video: { width: 720, height: 1280, fps: 30, durationS: 3 },
  });
  expect(await handedOn()).toBe(1);
});

it.each([
  [
    'rejected',
    'with what the probe found, when its video breaks a rule',
    'short.mp4',
    'duration_too_short',
  ],
  ['failed', 'at once, when its video cannot be read and never will be', 'absent.mp4', 'http_404'],
] as const)('a row ends as %s %s', async (status, _, name, code) => {
  const { lab, worker, handedOn } = await openProbeLab([name]);
  expect(await lab.probeRow(1, worker)).toEqual({ kind: 'done' });
  expect(await lab.outcome()).toMatchObject({ status, error: { code } });
  expect(await handedOn()).toBe(0);
  expect(await lab.problems()).toEqual([]);
});

it('a video is read again after 1, 5 and 20 s if its server cannot be reached, and then the row ends', async () => {
  const { lab, worker, videos, readings } = await openProbeLab(['good.mp4']);
  await videos[Symbol.asyncDispose]();
  const waits: unknown[] = [];
  for (let reading = 1; reading <= 4; reading += 1) waits.push(await lab.probeRow(1, worker));
  expect(waits).toEqual([
    { kind: 'later', delayMs: 1_000 },
    { kind: 'later', delayMs: 5_000 },
    { kind: 'later', delayMs: 20_000 },
    { kind: 'done' },
  ]);
  expect(readings()).toBe(4);
  expect(await lab.outcome()).toMatchObject({
    status: 'failed',
    error: { code: 'connection_refused' },
  });
});

it.each(['ready', 'opening'] as const)(
  'a video that a worker judged before it died is not read again: the row is %s',
  async (state) => {
    const { lab, worker, readings, handedOn } = await openProbeLab(['good.mp4']);
    await (await lab.take()).advance({ state });
    expect(await lab.probeRow(1, worker)).toEqual({ kind: 'done' });
    expect(readings()).toBe(0);
    expect(await handedOn()).toBe(1);
  },
);

it('a row is given back without blame if the worker shuts down while it reads', async () => {
  const { lab, worker, beforeReading, handedOn } = await openProbeLab(['good.mp4']);
  const halting = new AbortController();
  beforeReading.act = async () => halting.abort();
  const halted = { ...worker, halting: halting.signal };
  expect(await lab.probeRow(1, halted)).toEqual({ kind: 'back' });
  expect(await lab.progress()).toMatchObject({ probeStarts: 0, readFailures: 0 });
  expect(await handedOn()).toBe(0);
});

it('a row returns to dispatch if its batch is paused, and its video is read after the resumption', async () => {
  const { lab, worker, readings, handedOn } = await openProbeLab(['good.mp4']);
  await changeBatch(lab.workshop, await lab.batch(), 'pause', ACT);
  expect(await lab.probeRow(1, worker)).toEqual({ kind: 'done' });
  expect(readings()).toBe(0);
  expect(await lab.workshop.store.readAgain('nightly', 10)).toEqual([1]);
  await changeBatch(lab.workshop, await lab.batch(), 'resume', ACT);
  expect(await lab.probeRow(1, worker)).toEqual({ kind: 'done' });
  expect(await handedOn()).toBe(1);
});

it('nothing is passed on if the batch is cancelled while the video is read', async () => {
  const { lab, worker, beforeReading, handedOn } = await openProbeLab(['good.mp4']);
  beforeReading.act = () => lab.cancel();
  expect(await lab.probeRow(1, worker)).toEqual({ kind: 'back' });
  expect(await lab.probeRow(1, worker)).toEqual({ kind: 'done' });
  expect(await handedOn()).toBe(0);
  expect((await lab.batch()).counts).toMatchObject({ cancelled: 1 });
  expect(await lab.problems()).toEqual([]);
});

it('a row is read again if another worker has moved it on while the video was read', async () => {
  const { lab, worker, beforeReading, handedOn } = await openProbeLab(['good.mp4']);
  beforeReading.act = async () => (await lab.take()).advance({ probeStarts: 2 });
  expect(await lab.probeRow(1, worker)).toEqual({ kind: 'back' });
  expect(await lab.progress()).toMatchObject({ probeStarts: 2, video: null });
  expect(await handedOn()).toBe(0);
});
