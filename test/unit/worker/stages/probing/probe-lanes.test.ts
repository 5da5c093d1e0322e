import { expect, test } from 'vitest';
import { ProbeLanes } from '../../../../../src/worker/stages/probing/probe-lanes.ts';

const AT_ONCE = 0;
const NEVER = 60_000;
const NOTHING = (): void => undefined;

/** Work that reports its start, and ends when the test ends it. */
function pieceOfWork() {
  let hasBegun = false;
  let end = (): void => undefined;
  const work = () =>
    new Promise<string>((resolve) => {
      hasBegun = true;
      end = () => resolve('done');
    });
  return { work, hasBegun: () => hasBegun, end: () => end() };
}

/** Runs this many pieces of work, each as soon as there is a place. */
function runMany(lanes: ProbeLanes, count: number) {
  const pieces = Array.from({ length: count }, pieceOfWork);
  const runs = pieces.map(({ work }) => lanes.run(work, NOTHING));
  return { pieces, runs, begun: () => pieces.filter(({ hasBegun }) => hasBegun()).length };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));

test('as many probes run at once as there are places', async () => {
  const { pieces, runs, begun } = runMany(new ProbeLanes(2, NEVER), 3);
  await settled();
  expect(begun()).toBe(2);
  pieces[0]?.end();
  expect(await runs[0]).toBe('done');
  await settled();
  expect(begun()).toBe(3);
});

test('slow probes free places for as many others, but no more', async () => {
  const { pieces, runs, begun } = runMany(new ProbeLanes(2, AT_ONCE), 6);
  await expect.poll(begun).toBe(4);
  await settled();
  expect(begun()).toBe(4);
  pieces[0]?.end();
  await runs[0];
  await expect.poll(begun).toBe(5);
});

test('places are freed however work ends', async () => {
  const lanes = new ProbeLanes(1, AT_ONCE);
  const failing = Array.from({ length: 20 }, (_, index) =>
    lanes.run(async () => {
      if (index % 2 === 0) await settled();
      throw new Error('broken');
    }, NOTHING),
  );
  await Promise.allSettled(failing);
  const { begun } = runMany(lanes, 3);
  await expect.poll(begun).toBe(2);
  await settled();
  expect(begun()).toBe(2);
});
