import { describe, expect, it, vi } from 'vitest';
import { repairBatch } from '../../../src/lib/batch/repair-batch.ts';
import { refreshSessions, setMaxSessions } from '../../../src/lib/batch/steer-batch.ts';
import type { Batch } from '../../../src/lib/core/batch/batch.ts';
import { isClosedForDay } from '../../../src/lib/core/gate/day-limit.ts';
import { changeLimits } from '../../../src/lib/gate/steer-gate.ts';
import { carryOut } from '../../../src/lib/requests/batch-acts.ts';
import { RedisBatchRepair } from '../../../src/lib/store/redis/redis-batch-repair.ts';
import { ACT, isCompleted, Workshop } from './workshop.ts';

const isAtLimit = (batch: Batch): boolean => batch.isAtLimit;

it('a batch opens as many sessions as it may, with several workers, and continues when it may open more', async () => {
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

it('a budget is counted again by verify, and corrected by a repair', async () => {
  const workshop = await Workshop.open();
  await using _worker = await workshop.startWorker();
  await workshop.import('big', 9, { maxSessions: 4 });
  const paused = await workshop.until('big', isAtLimit);
  expect(await workshop.problems('big')).toEqual([]);
  const repair = new RedisBatchRepair(workshop.redis, workshop.keys);
  for (const [wrong, bound] of [
    [1, 'at least 4'],
    [30, 'at most 4'],
  ] as const) {
    await workshop.redis.hset(workshop.keys.batch('big'), 'usedSessions', wrong);
    expect(await workshop.problems('big')).toEqual([
      `The counter of used sessions says ${wrong}, the rows show ${bound}.`,
    ]);
    await repairBatch({ ...workshop, repair }, 'big');
    expect(await workshop.problems('big')).toEqual([]);
    expect(await workshop.batch('big')).toMatchObject({ usedSessions: 4 });
  }
  await setMaxSessions(workshop, paused, 9, ACT);
  await workshop.until('big', isCompleted);
  await refreshSessions(workshop, await workshop.batch('big'), 25 * 3_600_000, ACT);
  await workshop.until('big', isAtLimit);
  expect(await workshop.problems('big')).toEqual([]);
});

it('a budget gets back what a refused call did not open', async () => {
  const workshop = await Workshop.open();
  workshop.api.isRefusing = (source) => source.kind === 'url' && /[05]\.mp4$/.test(source.videoUrl);
  await using _worker = await workshop.startWorker();
  await workshop.import('half', 200, { maxSessions: 40 });
  const { counts, usedSessions } = await workshop.until('half', isAtLimit);
  expect(usedSessions).toBe(40);
  expect(counts.succeeded).toBe(40);
  expect(counts.failed).toBeGreaterThan(0);
});

it('a batch is not resumed while it has no budget left, and says why', async () => {
  const workshop = await Workshop.open();
  await using _worker = await workshop.startWorker();
  await workshop.import('big', 9, { maxSessions: 2 });
  const batch = await workshop.until('big', isAtLimit);
  expect(await carryOut(workshop, 'resume', batch, {}, 'mia')).toMatchObject({
    kind: 'impossible',
    sentence: expect.stringContaining('set-max-sessions big 9'),
  });
});

it('a budget takes the larger number of a repeated import', async () => {
  const workshop = await Workshop.open();
  await using _worker = await workshop.startWorker();
  await workshop.import('big', 9, { maxSessions: 2 });
  await workshop.until('big', isAtLimit);
  await workshop.import('big', 9, { maxSessions: 5 });
  await workshop.until('big', (batch) => batch.isAtLimit && batch.usedSessions === 5);
  await workshop.import('big', 9);
  expect(await workshop.batch('big')).toMatchObject({ maxSessions: 5 });
});

describe('limit for all batches together in a day', () => {
  it('a limit for all batches together in a day is kept by several workers, and another limit lets them continue at once', async () => {
    const workshop = await Workshop.open({ sessionsPerDay: 60 });
    await using _one = await workshop.startWorker();
    await using _two = await workshop.startWorker();
    await workshop.import('one', 100);
    await workshop.import('two', 100);
    await workshop.untilGate(isClosedForDay);
    expect(await workshop.sessionsToday()).toBe(60);
    await workshop.until('one', ({ counts }) => counts.opening === 0);
    await workshop.until('two', ({ counts }) => counts.opening === 0);
    expect(workshop.api.calls).toBe(60);
    expect((await workshop.batch('one')).state).toBe('running');

    await changeLimits(workshop.gateSteering, { sessionsPerDay: 75 }, ACT);
    await vi.waitFor(() => expect(workshop.api.calls).toBe(75), { timeout: 20_000 });
    await workshop.untilGate(isClosedForDay);
    await changeLimits(workshop.gateSteering, { sessionsPerDay: 0 }, ACT);
    await workshop.until('one', isCompleted);
    await workshop.until('two', isCompleted);
    expect(workshop.api.calls).toBe(200);
    expect(await workshop.sessionsToday()).toBe(200);
    expect([...(await workshop.problems('one')), ...(await workshop.problems('two'))]).toEqual([]);
  });

  it('work under a limit for a day continues by itself when the next day begins', async () => {
    const workshop = await Workshop.open({ sessionsPerDay: 5 });
    await using _worker = await workshop.startWorker();
    await workshop.import('night', 12);
    await workshop.untilGate(isClosedForDay);
    expect(workshop.api.calls).toBe(5);
    await workshop.endDay();
    await vi.waitFor(() => expect(workshop.api.calls).toBe(10), { timeout: 20_000 });
    await workshop.untilGate(isClosedForDay);
    expect(await workshop.sessionsToday()).toBe(5);
    await changeLimits(workshop.gateSteering, { sessionsPerDay: 0 }, ACT);
    await workshop.until('night', isCompleted);
  });

  it('a limit for a day gets back what refused calls did not open, also those that others wait for', async () => {
    const workshop = await Workshop.open({ sessionsPerDay: 20 });
    workshop.api.isRefusing = (source) =>
      source.kind === 'url' && /[02468]\.mp4$/.test(source.videoUrl);
    await using _worker = await workshop.startWorker();
    await workshop.import('half', 100);
    const isSpent = ({ counts }: Batch) => counts.succeeded === 20 && counts.opening === 0;
    await workshop.until('half', isSpent);
    await workshop.untilGate(isClosedForDay);
    expect(await workshop.sessionsToday()).toBe(20);
    await changeLimits(workshop.gateSteering, { sessionsPerDay: 0 }, ACT);
    await workshop.until('half', isCompleted);
  });
});

it('a batch sums what sessions cost, including replaced ones, and shows each at its row', async () => {
  const workshop = await Workshop.open();
  workshop.api.details = { final_unit_deduction: '0.1', final_balance_deduction: '2' };
  await using _worker = await workshop.startWorker();
  await workshop.import('paid', 3);
  const { cost } = await workshop.until('paid', isCompleted);
  expect(cost).toEqual({ units: 0.3, balance: 6 });
  await refreshSessions(workshop, await workshop.batch('paid'), 25 * 3_600_000, ACT);
  const again = await workshop.until('paid', isCompleted);
  expect(again.cost).toEqual({ units: 0.6, balance: 12 });
  const outcomes = await workshop.store.readOutcomes('paid', 0);
  expect([...outcomes.values()].map((outcome) => outcome.cost)).toEqual(
    Array.from({ length: 3 }, () => ({ units: 0.1, balance: 2 })),
  );
});
