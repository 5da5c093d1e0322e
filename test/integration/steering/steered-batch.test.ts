import { expect, it, vi } from 'vitest';
import { cancelBatch, refreshSessions, retryRows } from '../../../src/lib/batch/steer-batch.ts';
import { readEntries, statusOf } from '../../../src/lib/report/read-entries.ts';
import { ACT, hasEnded, isCompleted, Workshop } from './workshop.ts';

const HOUR_MS = 3_600_000;

async function statusesOf(workshop: Workshop, id: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const entries of readEntries(workshop.store, await workshop.batch(id))) {
    for (const { result } of entries) {
      counts.set(statusOf(result), (counts.get(statusOf(result)) ?? 0) + 1);
    }
  }
  return counts;
}

it('a batch is cancelled in the middle, and continues with the rest when that is retried', async () => {
  const workshop = await Workshop.open();
  await using _worker = await workshop.startWorker();
  await workshop.import('big', 1_000);
  await workshop.until('big', hasEnded(200));
  await cancelBatch(workshop, await workshop.batch('big'), ACT);
  const { counts, state } = await workshop.until('big', (batch) => batch.state === 'cancelled');
  expect(state).toBe('cancelled');
  expect(counts.succeeded + counts.cancelled).toBe(1_000);
  expect(counts.succeeded).toBe(workshop.api.calls);
  expect(await statusesOf(workshop, 'big')).toEqual(
    new Map([
      ['succeeded', counts.succeeded],
      ['cancelled', counts.cancelled],
    ]),
  );
  expect(await workshop.problems('big')).toEqual([]);

  const filter = { statuses: new Set(['cancelled'] as const), codes: null };
  const retried = await retryRows(workshop, await workshop.batch('big'), filter, ACT);
  expect(retried).toMatchObject({ rows: counts.cancelled });
  await workshop.until('big', isCompleted);
  expect(workshop.api.calls).toBe(1_000);
  expect(await statusesOf(workshop, 'big')).toEqual(new Map([['succeeded', 1_000]]));
  expect(await workshop.problems('big')).toEqual([]);
});

it('a retry repeats the rows that failed, and no others, also in a cancelled batch', async () => {
  const workshop = await Workshop.open();
  workshop.api.isRefusing = (source) => source.kind === 'url' && /[05]\.mp4$/.test(source.videoUrl);
  await using _worker = await workshop.startWorker();
  await workshop.import('half', 1_000);
  await workshop.until('half', hasEnded(200));
  await cancelBatch(workshop, await workshop.batch('half'), ACT);
  const before = await workshop.until('half', ({ state }) => state === 'cancelled');
  workshop.api.isRefusing = () => false;
  const filter = { statuses: new Set(['failed'] as const), codes: new Set(['1201']) };
  expect(await retryRows(workshop, before, filter, ACT)).toMatchObject({
    rows: before.counts.failed,
  });
  const after = await workshop.until('half', isCompleted);
  expect(after.counts).toMatchObject({
    succeeded: before.counts.succeeded + before.counts.failed,
    failed: 0,
    cancelled: before.counts.cancelled,
  });
  expect(await workshop.problems('half')).toEqual([]);
});

it('a retry begins while the batch runs', async () => {
  const workshop = await Workshop.open();
  workshop.api.isRefusing = (source) => source.kind === 'url' && /[05]\.mp4$/.test(source.videoUrl);
  await using _worker = await workshop.startWorker();
  await workshop.import('busy', 600);
  const filter = { statuses: new Set(['failed'] as const), codes: null };
  await workshop.until('busy', hasEnded(100));
  await retryRows(workshop, await workshop.batch('busy'), filter, ACT);
  await workshop.until('busy', hasEnded(300));
  workshop.api.isRefusing = () => false;
  await retryRows(workshop, await workshop.batch('busy'), filter, ACT);
  await workshop.until('busy', isCompleted);
  await retryRows(workshop, await workshop.batch('busy'), filter, ACT);
  const { counts } = await workshop.until('busy', isCompleted);
  expect(counts).toMatchObject({ succeeded: 600, failed: 0, waiting: 0 });
  expect(await workshop.problems('busy')).toEqual([]);
});

it('a refresh replaces sessions that will expire, also if sessions are reused', async () => {
  const workshop = await Workshop.open();
  await using _worker = await workshop.startWorker();
  await workshop.import('first', 30, {}, 'video');
  await workshop.until('first', isCompleted);
  await workshop.import('second', 30, { reuse: true }, 'video');
  const second = await workshop.until('second', isCompleted);
  expect(second.counts.reused).toBe(30);
  expect(workshop.api.calls).toBe(30);

  expect(await refreshSessions(workshop, second, 23 * HOUR_MS, ACT)).toMatchObject({ rows: 0 });
  expect(await refreshSessions(workshop, second, 25 * HOUR_MS, ACT)).toMatchObject({ rows: 30 });
  const { counts } = await workshop.until('second', isCompleted);
  expect(counts).toMatchObject({ succeeded: 30, reused: 0 });
  expect(workshop.api.calls).toBe(60);
  expect(await workshop.steering.readEarlier('second', 7)).toMatchObject([{ status: 'reused' }]);
  expect(await workshop.overview.readSessions('second', Date.now())).toMatchObject({ alive: 30 });
});

it('a batch pauses when no row of the canary got a session, and makes no further call', async () => {
  const workshop = await Workshop.open();
  workshop.api.isRefusing = () => true;
  await using _worker = await workshop.startWorker();
  await workshop.import('doomed', 200, { trialRows: 5 });
  const { counts, stateReason } = await workshop.until('doomed', ({ state }) => state === 'paused');
  expect(workshop.api.calls).toBe(5);
  expect(counts).toMatchObject({ failed: 5, waiting: 195 });
  expect(stateReason).toContain('no such clip');
  await vi.waitFor(async () => {
    const [last] = await workshop.steering.readHistory('doomed');
    expect(last).toMatchObject({ what: 'paused itself', reason: stateReason });
  });
});

it('a batch continues with the rest once one row of the canary got a session', async () => {
  const workshop = await Workshop.open();
  workshop.api.isRefusing = (source) =>
    source.kind === 'url' && /[1-4]\.mp4$/.test(source.videoUrl);
  await using _worker = await workshop.startWorker();
  await workshop.import('luckier', 20, { trialRows: 5 });
  const { counts } = await workshop.until('luckier', isCompleted);
  expect(counts).toMatchObject({ succeeded: 12, failed: 8 });
});
