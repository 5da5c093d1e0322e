import { describe, expect, it } from 'vitest';
import { removeBatch } from '../../../src/lib/batch/remove-batch.ts';
import { cancelBatch } from '../../../src/lib/batch/steer-batch.ts';
import type { Batch } from '../../../src/lib/core/batch/batch.ts';
import type { Source } from '../../../src/lib/core/manifest/source.ts';
import type { Ending } from '../../../src/lib/core/row/compose-outcome.ts';
import { EveryQueue } from '../../../src/lib/queue/every-queue.ts';
import { dispatchJobOf, rowJobOf } from '../../../src/lib/queue/jobs.ts';
import { Dispatcher } from '../../../src/worker/stages/dispatch-batch.ts';
import { openSession } from '../../../src/worker/stages/open-session.ts';
import { probeRow } from '../../../src/worker/stages/probe-row.ts';
import { SuspectLane } from '../../../src/worker/stages/probing/suspect-lane.ts';
import { type RowWork, takeRow } from '../../../src/worker/stages/work/row-work.ts';
import { forgetBatches } from '../../../src/worker/upkeep/forget-batches.ts';
import { ACT, isCompleted, NO_LIMIT, Workshop } from './workshop.ts';

const DAY_MS = 86_400_000;

const sourceIn = (name: string): Source => ({
  kind: 'url',
  videoUrl: `https://v.example/${name}/1.mp4`,
});
const session = (sessionId: string): Ending => ({
  kind: 'session',
  session: { sessionId, requestId: null, httpStatus: 200, details: {} },
});

async function replace(workshop: Workshop, old: Batch): Promise<Batch> {
  await cancelBatch(workshop, old, ACT);
  await removeBatch(workshop, await workshop.batch(old.id));
  await workshop.import('nightly', 3, {}, 'new');
  return await workshop.batch('nightly');
}

/** A batch whose row 1 a worker holds. */
async function takeOld(workshop: Workshop): Promise<{ old: Batch; work: RowWork }> {
  await workshop.import('nightly', 3, {}, 'old');
  const old = await workshop.batch('nightly');
  const taken = await takeRow(workshop.context, rowJobOf(old, 1, sourceIn('old')));
  if (taken.kind !== 'taken') throw new Error('the row was let go');
  return { old, work: taken.work };
}

async function pictureOf(workshop: Workshop): Promise<unknown> {
  const dispatch = await workshop.store.readDispatch('nightly');
  const row = dispatch && (await workshop.store.readRow(dispatch.batch, 1));
  return { dispatch, row, outcomes: await workshop.store.readOutcomes('nightly', 0) };
}

describe('worker that was suspended while its batch was replaced', () => {
  it.each<[string, (work: RowWork) => Promise<unknown>]>([
    ['continues with its next step', (work) => work.advance({ state: 'ready' })],
    ['begins its call', (work) => work.beginCall({}, NO_LIMIT)],
    ['hands the row back', (work) => work.handBack()],
    ['has a session', (work) => work.end(session('late'))],
    [
      'has a refusal',
      (work) =>
        work.end({
          kind: 'no_session',
          status: 'failed',
          code: '1201',
          message: 'x',
          isRefusal: true,
        }),
    ],
  ])('a suspended worker changes nothing of the new batch when it %s', async (_, act) => {
    const workshop = await Workshop.open();
    const { old, work } = await takeOld(workshop);
    await replace(workshop, old);
    const before = await pictureOf(workshop);
    await act(work);
    expect(await pictureOf(workshop)).toEqual(before);
    expect(await workshop.problems('nightly')).toEqual([]);
  });

  it('a suspended worker passes on nothing about the video that it was reading', async () => {
    const workshop = await Workshop.open();
    await workshop.import('nightly', 3, {}, 'old');
    const old = await workshop.batch('nightly');
    const { prober } = workshop.context;
    let before: unknown;
    const slow = {
      ...workshop.context,
      prober: {
        probe: async (...given: Parameters<typeof prober.probe>) => {
          await replace(workshop, old);
          before = await pictureOf(workshop);
          return await prober.probe(...given);
        },
      },
    };
    const job = rowJobOf(old, 1, sourceIn('old'));
    expect(await probeRow(slow, job, new SuspectLane())).toEqual({ kind: 'back' });
    expect(await pictureOf(workshop)).toEqual(before);
    expect((await workshop.queues.countJobs('init-selection')).wait).toBe(0);
  });
});

describe('job of a batch that was replaced', () => {
  it('a job of a batch that was replaced makes no call, even if its last call was lost', async () => {
    const workshop = await Workshop.open();
    const { old, work } = await takeOld(workshop);
    await work.beginCall({}, NO_LIMIT);
    await cancelBatch(workshop, old, ACT);
    const cancelled = await takeRow(workshop.context, rowJobOf(old, 1, sourceIn('old')));
    expect(cancelled.kind).toBe('not_now');
    await removeBatch(workshop, await workshop.batch('nightly'));
    await workshop.import('nightly', 3, {}, 'new');
    const before = await pictureOf(workshop);
    const job = rowJobOf(old, 1, sourceIn('old'));
    expect(await openSession(workshop.context, job)).toEqual({ kind: 'done' });
    expect(await probeRow(workshop.context, job, new SuspectLane())).toEqual({ kind: 'done' });
    expect(workshop.api.calls).toBe(0);
    expect(await pictureOf(workshop)).toEqual(before);
  });

  it('a job of a batch that was replaced dispatches nothing', async () => {
    const workshop = await Workshop.open();
    await workshop.import('nightly', 3, {}, 'old');
    const old = await workshop.batch('nightly');
    await replace(workshop, old);
    const result = await new Dispatcher(workshop.context).dispatch(dispatchJobOf(old, 0));
    expect(result).toEqual({ kind: 'done' });
    expect(await workshop.store.readDispatch('nightly')).toMatchObject({ underWay: 0, cursor: 1 });
  });

  it('a job of a batch that was replaced does not keep a row of the new batch out of its queue', async () => {
    const workshop = await Workshop.open();
    await workshop.import('nightly', 3, {}, 'old');
    const old = await workshop.batch('nightly');
    await replace(workshop, old);
    await workshop.queues.addRows('probe', [rowJobOf(old, 1, sourceIn('old'))]);
    await using _worker = await workshop.startWorker();
    const { counts } = await workshop.until('nightly', isCompleted);
    expect(counts.succeeded).toBe(3);
    expect(await workshop.problems('nightly')).toEqual([]);
  });
});

describe('removing a batch', () => {
  const waiting = async (workshop: Workshop): Promise<number> => {
    const stages = ['dispatch', 'probe', 'init-selection'] as const;
    const counts = await Promise.all(stages.map((stage) => workshop.queues.countJobs(stage)));
    return counts.flatMap((places) => Object.values(places)).reduce((sum, n) => sum + n, 0);
  };

  it('removing a batch removes its jobs, wherever they wait, and those of no other batch', async () => {
    const workshop = await Workshop.open();
    await workshop.import('nightly', 1_300, {}, 'old');
    await workshop.import('nightly-2', 1, {}, 'other');
    const old = await workshop.batch('nightly');
    const other = await workshop.batch('nightly-2');
    const jobs = Array.from({ length: 1_200 }, (_, i) => rowJobOf(old, i + 1, sourceIn('old')));
    await workshop.queues.addRows('probe', jobs);
    await workshop.queues.addRows('init-selection', [rowJobOf(other, 1, sourceIn('other'))]);
    await using every = new EveryQueue(workshop.redis, workshop.keys);
    const [, , calls] = every.queues;
    const data = rowJobOf(old, 1, sourceIn('old'));
    const id = (row: number): string => `nightly~${old.incarnation}-${row}`;
    await calls?.add('init-selection', data, { jobId: id(1), delay: 60_000 });
    await calls?.add('init-selection', data, { jobId: id(2), priority: 5 });
    await cancelBatch(workshop, old, ACT);
    await removeBatch(workshop, await workshop.batch('nightly'));
    expect(await waiting(workshop)).toBe(2);
    await removeBatch(workshop, other);
    expect(await waiting(workshop)).toBe(0);
  });

  it('removing a batch by RETENTION removes its jobs and its sessions, too', async () => {
    const workshop = await Workshop.open();
    await workshop.import('nightly', 3, {}, 'old');
    const old = await workshop.batch('nightly');
    {
      await using _worker = await workshop.startWorker();
      await workshop.until('nightly', isCompleted);
    }
    await workshop.queues.addRows('probe', [rowJobOf(old, 1, sourceIn('old'))]);
    const inTwoDays = (): number => Date.now() + 2 * DAY_MS;
    const { log } = workshop.context;
    const clocks = { now: inTwoDays, redisNow: async () => inTwoDays() };
    const copiedUntilMs = async () => Number.POSITIVE_INFINITY;
    const context = { ...workshop, ...clocks, log, retentionMs: DAY_MS, copiedUntilMs };
    expect(await forgetBatches(context)).toEqual(['nightly']);
    expect(await waiting(workshop)).toBe(0);
    const asker = { batchId: 'other', row: 1 };
    const { ledger } = workshop.context;
    expect(await ledger.findLiveSession(sourceIn('old'), asker, Date.now())).toBeNull();
  });

  it('removing a batch takes its sessions out of the ledger, and keeps newer entries of another batch', async () => {
    const workshop = await Workshop.open();
    await using _worker = await workshop.startWorker();
    await workshop.import('nightly', 3, {}, 'video');
    const old = await workshop.until('nightly', isCompleted);
    await workshop.import('other', 1, {}, 'video');
    const other = await workshop.until('other', isCompleted);
    await removeBatch(workshop, old);
    const keys = await workshop.redis.keys(`${workshop.keys.ledger(0, '').replace(/0:$/, '')}*`);
    const entries = await Promise.all(keys.map((key) => workshop.redis.hvals(key)));
    expect(entries.flat()).toEqual([expect.stringMatching(/^other:1:/)]);
    await removeBatch(workshop, other);
  });

  it('removing a batch by a second, late worker does not touch the batch that has its id now', async () => {
    const workshop = await Workshop.open();
    await workshop.import('nightly', 3, {}, 'old');
    const old = await workshop.batch('nightly');
    await replace(workshop, old);
    const before = await pictureOf(workshop);
    await removeBatch(workshop, old);
    expect(await pictureOf(workshop)).toEqual(before);
    expect(await waiting(workshop)).toBe(1);
    await using _worker = await workshop.startWorker();
    await workshop.until('nightly', isCompleted);
  });
});

it('a batch that version 0.1 imported runs to its end after an upgrade', async () => {
  const workshop = await Workshop.open();
  await workshop.import('veteran', 5);
  const batch = await workshop.batch('veteran');
  await workshop.queues.removeJobs(batch);
  await workshop.redis.hdel(workshop.keys.batch('veteran'), 'incarnation');
  await using every = new EveryQueue(workshop.redis, workshop.keys);
  const [dispatch, probe] = every.queues;
  await dispatch?.add('dispatch', { batchId: 'veteran', epoch: 0 }, { jobId: 'veteran-d0' });
  const source = { kind: 'url', videoUrl: 'https://v.example/veteran/1.mp4' };
  await probe?.add('probe', { batchId: 'veteran', row: 1, source }, { jobId: 'veteran-1' });
  await using _worker = await workshop.startWorker();
  const { counts } = await workshop.until('veteran', isCompleted);
  expect(counts.succeeded).toBe(5);
  expect(workshop.api.calls).toBe(5);
  expect(await workshop.problems('veteran')).toEqual([]);
  await removeBatch(workshop, await workshop.batch('veteran'));
  expect(await workshop.store.readBatch('veteran')).toBeNull();
});

it('a row ends as unconfirmed when the API names the session of another row', async () => {
  const workshop = await Workshop.open();
  workshop.api.sessionOf = () => 'the-same';
  await using _worker = await workshop.startWorker();
  await workshop.import('twins', 4);
  const { counts } = await workshop.until('twins', isCompleted);
  expect(counts).toMatchObject({ succeeded: 1, unconfirmed: 3 });
  const outcomes = [...(await workshop.store.readOutcomes('twins', 0)).values()];
  const messages = outcomes.flatMap(({ error }) => error?.message ?? []);
  expect(messages).toHaveLength(3);
  for (const message of messages) expect(message).toContain('session the-same, which row');
  expect(workshop.api.calls).toBe(4);
  expect(await workshop.problems('twins')).toEqual([]);
});
