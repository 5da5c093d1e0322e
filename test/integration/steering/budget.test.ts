import { expect, it } from 'vitest';
import { setMaxSessions } from '../../../src/lib/batch/steer-batch.ts';
import type { Batch } from '../../../src/lib/core/batch/batch.ts';
import { carryOut } from '../../../src/lib/requests/batch-acts.ts';
import { ACT, isCompleted, Workshop } from './workshop.ts';

const isAtLimit = (batch: Batch): boolean => batch.isAtLimit;

it('opens as many sessions as it may, with several workers, and goes on when it may open more', async () => {
  const workshop = await Workshop.open();
  await using _one = await workshop.startWorker();
  await using _two = await workshop.startWorker();
  await workshop.import('big', 300, { maxSessions: 70 });
  await workshop.import('small', 120);
  const paused = await workshop.until('big', isAtLimit);
  expect(workshop.api.callsFor('big')).toBe(70);
  expect(paused).toMatchObject({ state: 'paused', usedSessions: 70 });
  expect(paused.counts).toMatchObject({ succeeded: 70, failed: 0, cancelled: 0 });
  await workshop.until('small', isCompleted);
  expect(workshop.api.callsFor('big')).toBe(70);
  expect(await workshop.problems('big')).toEqual([]);

  await setMaxSessions(workshop, paused, 75, ACT);
  await workshop.until('big', (batch) => batch.isAtLimit && batch.usedSessions === 75);
  expect(workshop.api.callsFor('big')).toBe(75);
  await setMaxSessions(workshop, paused, null, ACT);
  const { counts } = await workshop.until('big', isCompleted);
  expect(counts).toMatchObject({ succeeded: 300 });
  expect(workshop.api.callsFor('big')).toBe(300);
  expect(await workshop.problems('big')).toEqual([]);
});

it('gives back what a refused call did not open', async () => {
  const workshop = await Workshop.open();
  workshop.api.isRefusing = (source) => source.kind === 'url' && /[05]\.mp4$/.test(source.videoUrl);
  await using _worker = await workshop.startWorker();
  await workshop.import('half', 200, { maxSessions: 40 });
  const { counts, usedSessions } = await workshop.until('half', isAtLimit);
  expect(usedSessions).toBe(40);
  expect(counts.succeeded).toBe(40);
  expect(counts.failed).toBeGreaterThan(0);
});

it('is not resumed while it has none left, and says why', async () => {
  const workshop = await Workshop.open();
  await using _worker = await workshop.startWorker();
  await workshop.import('big', 9, { maxSessions: 2 });
  const batch = await workshop.until('big', isAtLimit);
  expect(await carryOut(workshop, 'resume', batch, {}, 'mia')).toMatchObject({
    kind: 'impossible',
    sentence: expect.stringContaining('set-max-sessions big 9'),
  });
});

it('takes the larger number of a repeated import', async () => {
  const workshop = await Workshop.open();
  await using _worker = await workshop.startWorker();
  await workshop.import('big', 9, { maxSessions: 2 });
  await workshop.until('big', isAtLimit);
  await workshop.import('big', 9, { maxSessions: 5 });
  await workshop.until('big', (batch) => batch.isAtLimit && batch.usedSessions === 5);
  await workshop.import('big', 9);
  expect(await workshop.batch('big')).toMatchObject({ maxSessions: 5 });
});
