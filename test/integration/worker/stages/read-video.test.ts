import { beforeAll, expect, it } from 'vitest';
import { batchOf } from '../../../../src/lib/queue/jobs.ts';
import { makeVideos, openProbeLab, type ProbeLab } from './probe-lab.ts';
import type { StageLab } from './stage-lab.ts';

beforeAll(makeVideos, 120_000);

const BEING_READ = { kind: 'later', delayMs: 300 };

/** A minute in which the reader was silent, by the clock of Redis. */
async function letTurnEnd({ workshop: { redis, keys } }: StageLab): Promise<void> {
  const key = keys.probeMemory('nightly');
  for (const digest of await redis.hkeys(key)) await redis.hset(key, digest, '1.0');
}

/** A worker has begun to read the video of row 1 and then vanishes. */
async function dieWhileReading({ lab }: ProbeLab): Promise<void> {
  const job = await lab.job();
  if (job.source.kind !== 'url') throw new Error('a Kling video is not read');
  const { videoUrl } = job.source;
  const recalled = await lab.context.probeMemory.recall(batchOf(job), videoUrl);
  expect(recalled.kind).toBe('yours');
}

it('a video is read once for all rows that name it; the others wait meanwhile', async () => {
  const setup = await openProbeLab(['good.mp4', 'good.mp4', 'good.mp4']);
  const { lab, worker, beforeReading, readings, handedOn } = setup;
  const meanwhile: unknown[] = [];
  beforeReading.act = async () => {
    meanwhile.push(await lab.probeRow(2, worker), await lab.probeRow(3, worker));
  };
  expect(await lab.probeRow(1, worker)).toEqual({ kind: 'done' });
  expect(meanwhile).toEqual([BEING_READ, BEING_READ]);
  expect(await lab.progress(2)).toMatchObject({ state: 'probing', probeStarts: 0 });
  await lab.probeRow(2, worker);
  await lab.probeRow(3, worker);
  expect(readings()).toBe(1);
  expect(await handedOn()).toBe(3);
  expect((await lab.progress(3))?.video).toEqual((await lab.progress(1))?.video);
});

it('each video is read for its own row if no other row names it', async () => {
  const { lab, worker, readings } = await openProbeLab(['good.mp4', 'good.mov']);
  await lab.probeRow(1, worker);
  await lab.probeRow(2, worker);
  expect(readings()).toBe(2);
});

it('every row that names a video ends with the verdict on it', async () => {
  const { lab, worker, readings } = await openProbeLab(['small.mp4', 'small.mp4']);
  await lab.probeRow(1, worker);
  await lab.probeRow(2, worker);
  expect(readings()).toBe(1);
  const [first, second] = [await lab.outcome(1), await lab.outcome(2)];
  expect(first?.status).toBe('rejected');
  expect(second?.error).toEqual(first?.error);
});

it('the next row reads a video after its reader has died', async () => {
  const setup = await openProbeLab(['good.mp4', 'good.mp4']);
  const { lab, worker, readings, handedOn } = setup;
  await dieWhileReading(setup);
  expect(await lab.probeRow(2, worker)).toEqual(BEING_READ);
  await letTurnEnd(lab);
  expect(await lab.probeRow(2, worker)).toEqual({ kind: 'done' });
  expect(await lab.probeRow(1, worker)).toEqual({ kind: 'done' });
  expect(readings()).toBe(1);
  expect(await handedOn()).toBe(2);
});

it.each(['is halted', 'cannot reach the server'])(
  'the next row reads a video at once when its reader %s',
  async (reason) => {
    const { lab, worker, videos, beforeReading, readings } = await openProbeLab([
      'good.mp4',
      'good.mp4',
    ]);
    const halting = new AbortController();
    if (reason === 'is halted') beforeReading.act = async () => halting.abort();
    else await videos[Symbol.asyncDispose]();
    const first = await lab.probeRow(1, { ...worker, halting: halting.signal });
    expect(first.kind).toBe(reason === 'is halted' ? 'back' : 'later');
    expect(await lab.probeRow(2, worker)).not.toEqual(BEING_READ);
    expect(readings()).toBe(2);
  },
);

const signed = <Video extends string>(video: Video, signature: string) =>
  `${video}?Expires=9999999999&Signature=${signature}` as const;

it('a video is read once, however its address is signed', async () => {
  const setup = await openProbeLab([signed('good.mp4', 'a'), signed('good.mp4', 'b')]);
  await setup.lab.probeRow(1, setup.worker);
  await setup.lab.probeRow(2, setup.worker);
  expect(setup.readings()).toBe(1);
  expect(await setup.handedOn()).toBe(2);
});

it('a signed address is read itself if another one of the same video cannot be read', async () => {
  const setup = await openProbeLab([signed('absent.mp4', 'a'), signed('absent.mp4', 'b')]);
  await setup.lab.probeRow(1, setup.worker);
  await setup.lab.probeRow(2, setup.worker);
  expect(setup.readings()).toBe(2);
});
