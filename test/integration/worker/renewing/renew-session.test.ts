import { EventEmitter, once } from 'node:events';
import { expect, it } from 'vitest';
import { changeBatch } from '../../../../src/lib/batch/pausing/by-person.ts';
import { refreshSessions } from '../../../../src/lib/batch/steer-batch.ts';
import type { Outcome } from '../../../../src/lib/core/row/outcome.ts';
import type { JobResult } from '../../../../src/lib/queue/queue-worker.ts';
import { readResults } from '../../../../src/lib/results/read-results.ts';
import { RedisRowIndex } from '../../../../src/lib/store/redis/indexes/redis-row-index.ts';
import { RedisResultFeed } from '../../../../src/lib/store/redis/redis-result-feed.ts';
import type { ImportOptions } from '../../../../src/producer/import-options.ts';
import { openSession } from '../../../../src/worker/stages/open-session.ts';
import type { WorkerContext } from '../../../../src/worker/worker-context.ts';
import { ACT, NO_LIMIT } from '../../steering/workshop.ts';
import { fails, opens } from '../stages/scripted-api.ts';
import { StageLab } from '../stages/stage-lab.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** A quarter of an hour before a session that was just opened expires. */
const shortlyBefore = (): number => Date.now() + DAY_MS - 15 * MINUTE_MS;
const keptFor = (days: number): Partial<ImportOptions> => ({
  keepAlive: { untilMs: Date.now() + days * DAY_MS, zone: 'UTC' },
  maxSessions: 50, // so that `problems` also checks how many are used
});

/** A row with session-1, which expires in a quarter of an hour by the clock of `renew`. */
async function labWithSession(options: Partial<ImportOptions> = keptFor(3)): Promise<StageLab> {
  const lab = await StageLab.open({ options });
  expect(await lab.openSession()).toEqual({ kind: 'done' });
  expect(await lab.outcome()).toMatchObject({ session: { id: 'session-1' } });
  return lab;
}

async function renew(lab: StageLab, worker: Partial<WorkerContext> = {}): Promise<JobResult> {
  const job = { ...(await lab.job()), renews: true as const };
  return await openSession({ ...lab.context, now: shortlyBefore, ...worker }, job);
}

const earlierSessions = async (lab: StageLab): Promise<(string | undefined)[]> =>
  (await lab.workshop.steering.readEarlier('nightly', 1)).map(({ session }) => session?.id);

async function expectFirstSession(lab: StageLab, others: Partial<Outcome> = {}): Promise<void> {
  const outcome = await lab.outcome();
  expect(outcome).toMatchObject({ status: 'succeeded', session: { id: 'session-1' }, ...others });
  expect(await earlierSessions(lab)).toEqual([]);
  expect(await lab.problems()).toEqual([]);
}

it('a renewal gives the row its next session, keeps the one before in its history, and tells readers', async () => {
  const lab = await labWithSession();
  const { redis, keys, store } = lab.workshop;
  const results = {
    store,
    feed: new RedisResultFeed(redis, keys),
    rowIndex: new RedisRowIndex(redis, keys),
  };
  const from = { event: (await results.feed.readEvents(1, 100)).latest + 1, row: 0 };
  const before = await lab.batch();

  expect(await renew(lab)).toEqual({ kind: 'done' });
  const outcome = await lab.outcome();
  expect(outcome).toMatchObject({ status: 'succeeded', session: { id: 'session-2' }, attempts: 1 });
  expect(outcome?.session?.expiresAtMs).toBeGreaterThan(Date.now() + 1.9 * DAY_MS);
  expect(outcome).not.toHaveProperty('renewal');
  expect(await earlierSessions(lab)).toEqual(['session-1']);
  expect(await lab.batch()).toMatchObject({
    state: 'completed',
    counts: before.counts,
    finishedAtMs: before.finishedAtMs,
    usedSessions: 2,
    renewalCalls: 0,
  });
  const page = await readResults(results, { from, limit: 10, batch: null });
  expect(page.results.map(({ entry }) => entry.result)).toMatchObject([
    { session: { id: 'session-2' } },
  ]);
  expect(await lab.problems()).toEqual([]);
});

it('a session is not renewed again before its next one is about to expire', async () => {
  const lab = await labWithSession();
  await renew(lab);
  await renew(lab);
  expect(lab.api.calls).toBe(2);
});

it('a row keeps its present session while the call is under way', async () => {
  const lab = await labWithSession();
  const seen: unknown[] = [];
  lab.api.answer = async (nth) => {
    seen.push((await lab.outcome())?.session?.id, (await lab.batch()).renewalCalls);
    return opens(nth);
  };
  await renew(lab);
  expect(seen).toEqual(['session-1', 1]);
});

it('a renewal is tried again after a failure that passes, and says so until then', async () => {
  const lab = await labWithSession();
  lab.api.answer = () => fails(503, 'busy', 'come back later');
  expect(await renew(lab)).toMatchObject({ kind: 'later' });
  await expectFirstSession(lab, {
    renewal: expect.objectContaining({
      attempts: 1,
      isCalling: false,
      givenUp: null,
      failedAttempts: [expect.objectContaining({ httpStatus: 503 })],
    }),
  });
  lab.api.answer = opens;
  expect(await renew(lab)).toEqual({ kind: 'done' });
  expect(await lab.outcome()).toMatchObject({
    session: { id: 'session-3' },
    attempts: 2,
    failedAttempts: [{ httpStatus: 503 }],
  });
  expect(await lab.problems()).toEqual([]);
});

it.each([
  ['a refusal', () => fails(400, 1201, 'too dark'), 1],
  ['the last attempt', () => fails(503, 'busy', 'come back later'), 3],
] as const)(
  'a renewal is given up after %s, and the session lives on until it expires',
  async (_, answer, calls) => {
    const lab = await labWithSession();
    lab.api.answer = answer;
    const worker = { retryPolicy: { ...lab.context.retryPolicy, maxAttempts: 3 } };
    for (let turn = 0; turn < 5; turn += 1) await renew(lab, worker);
    expect(lab.api.calls).toBe(1 + calls);
    const { renewal } = (await lab.outcome()) ?? {};
    expect(renewal?.failedAttempts).toHaveLength(calls);
    expect(renewal?.givenUp).toEqual(expect.any(String));
    await expectFirstSession(lab);
  },
);

/** A worker begins to renew the session and vanishes. */
async function dieDuringRenewal(lab: StageLab): Promise<void> {
  const { takeRenewal } = await import('../../../../src/worker/stages/work/renewal-work.ts');
  const context = { ...lab.context, now: shortlyBefore };
  const taken = await takeRenewal(context, { ...(await lab.job()), renews: true });
  if (taken.kind !== 'taken') throw new Error('the renewal was let go');
  expect(await taken.work.beginCall({}, NO_LIMIT)).toEqual({ kind: 'begun' });
}

it('a call that was lost with its worker counts as a possible session, and no session is lost', async () => {
  const lab = await labWithSession();
  await dieDuringRenewal(lab);
  expect((await lab.batch()).renewalCalls).toBe(1);
  expect(await renew(lab)).toMatchObject({ kind: 'later' });
  await expectFirstSession(lab, { possibleOrphans: 1 });
  expect(await lab.batch()).toMatchObject({ possibleOrphans: 1, renewalCalls: 0, usedSessions: 2 });
  expect(await renew(lab)).toEqual({ kind: 'done' });
  expect(await lab.outcome()).toMatchObject({ session: { id: 'session-2' }, possibleOrphans: 1 });
  expect(await lab.batch()).toMatchObject({ possibleOrphans: 1, usedSessions: 3 });
  expect(await lab.problems()).toEqual([]);
});

it('a lost call is settled although sessions are no longer kept alive, without another call', async () => {
  const lab = await labWithSession();
  await dieDuringRenewal(lab);
  await lab.workshop.steering.setKeepAlive(await lab.batch(), null);
  await renew(lab);
  await renew(lab);
  expect(lab.api.calls).toBe(1);
  await expectFirstSession(lab, { possibleOrphans: 1 });
  expect((await lab.batch()).renewalCalls).toBe(0);
});

it('a session that arrives after another worker has taken the call for lost is recorded', async () => {
  const lab = await labWithSession();
  lab.api.answer = async (nth) => {
    expect(await renew(lab)).toMatchObject({ kind: 'later' });
    return opens(nth);
  };
  expect(await renew(lab)).toEqual({ kind: 'done' });
  expect(await lab.outcome()).toMatchObject({ session: { id: 'session-2' } });
  expect(await lab.batch()).toMatchObject({ possibleOrphans: 0, renewalCalls: 0 });
  expect(lab.api.calls).toBe(2);
  expect(await lab.problems()).toEqual([]);
});

it('one of two sessions is recorded, and the other counted and logged, when both workers called', async () => {
  const lab = await labWithSession();
  const events = new EventEmitter();
  const released = once(events, 'released');
  const arrived = once(events, 'arrived');
  let other: Promise<JobResult> | null = null;
  lab.api.answer = async (nth) => {
    if (nth === 2) {
      await renew(lab); // takes the call for lost
      other = renew(lab); // and calls
      await arrived;
    } else {
      events.emit('arrived');
      await released;
    }
    return opens(nth);
  };
  expect(await renew(lab)).toEqual({ kind: 'done' });
  expect(await lab.outcome()).toMatchObject({ session: { id: 'session-2' }, possibleOrphans: 1 });
  events.emit('released');
  await other;
  expect(await lab.outcome()).toMatchObject({ session: { id: 'session-2' }, possibleOrphans: 1 });
  expect(await lab.batch()).toMatchObject({ possibleOrphans: 1, renewalCalls: 0 });
  const lost = lab.log.filter(({ msg }) => msg === 'session opened for a row that had ended');
  expect(lost).toMatchObject([{ session: 'session-3' }]);
  expect(await lab.problems()).toEqual([]);
});

it('a renewal makes one call when two workers have it', async () => {
  const lab = await labWithSession();
  await Promise.all([renew(lab), renew(lab)]);
  expect(lab.api.calls).toBe(2);
  expect(await lab.outcome()).toMatchObject({ session: { id: 'session-2' } });
  expect(await lab.problems()).toEqual([]);
});

it("a renewal leaves a reopened row alone, and a retry leaves a renewal's call under way alone", async () => {
  const lab = await labWithSession();
  let reopened: unknown;
  lab.api.answer = async (nth) => {
    reopened = await refreshSessions(lab.workshop, await lab.batch(), 2 * DAY_MS, ACT);
    return opens(nth);
  };
  await renew(lab);
  expect(reopened).toMatchObject({ rows: 0 });
  expect(await lab.outcome()).toMatchObject({ session: { id: 'session-2' } });

  lab.api.answer = opens;
  await refreshSessions(lab.workshop, await lab.batch(), 3 * DAY_MS, ACT);
  expect(await renew(lab)).toEqual({ kind: 'done' });
  expect(lab.api.calls).toBe(2);
  expect(await lab.outcome()).toBeNull();
});

it.each<
  [string, Partial<ImportOptions>, (lab: StageLab) => Promise<unknown>, Partial<WorkerContext>]
>([
  ['its batch has used its sessions', { ...keptFor(3), maxSessions: 1 }, async () => undefined, {}],
  ['nobody asked for it', {}, async () => undefined, {}],
  [
    'sessions are kept alive no longer than this one lives',
    keptFor(0.5),
    async () => undefined,
    {},
  ],
  [
    'it was ended',
    keptFor(3),
    async (lab) => lab.workshop.steering.setKeepAlive(await lab.batch(), null),
    {},
  ],
  ['it has expired', keptFor(3), async () => undefined, { now: () => Date.now() + 2 * DAY_MS }],
  [
    'it lives long enough',
    keptFor(3),
    async () => undefined,
    { now: () => Date.now() + DAY_MS / 2 },
  ],
])('a session is not renewed when %s', async (_, options, arrange, worker) => {
  const lab = await labWithSession(options);
  await arrange(lab);
  expect(await renew(lab, worker)).toEqual({ kind: 'done' });
  expect(lab.api.calls).toBe(1);
  await expectFirstSession(lab);
});

it('a session is not called for when it expires while its row waits at the gate', async () => {
  const lab = await labWithSession();
  let looks = 0;
  const now = (): number => {
    looks += 1;
    return looks > 2 ? Date.now() + 2 * DAY_MS : shortlyBefore();
  };
  expect(await renew(lab, { now })).toEqual({ kind: 'done' });
  expect(lab.api.calls).toBe(1);
});

it('a session is not renewed while a person has paused its batch, and ends with a cancelled one', async () => {
  const two = 'https://v.example/1.mp4\nhttps://v.example/2.mp4';
  const lab = await StageLab.open({ manifest: two, options: keptFor(3) });
  await lab.openSession();
  await changeBatch(lab.workshop, await lab.batch(), 'pause', ACT);
  await renew(lab);
  expect(lab.api.calls).toBe(1);
  await lab.cancel();
  expect(await lab.batch()).toMatchObject({ keepAlive: null });
  await renew(lab);
  expect(lab.api.calls).toBe(1);
});

it('a renewal takes a session of the video that lives longer, if its batch reuses sessions', async () => {
  const lab = await labWithSession({ ...keptFor(3), reuse: true });
  await lab.workshop.importText('other', 'https://v.example/1.mp4');
  const job = { ...(await lab.job()), batchId: 'other' };
  const { incarnation } = await lab.workshop.batch('other');
  const later = { ...lab.context, now: shortlyBefore };
  await openSession(later, { ...job, incarnation });
  expect(lab.api.calls).toBe(2);
  expect(await renew(lab)).toEqual({ kind: 'done' });
  expect(lab.api.calls).toBe(2);
  expect(await lab.outcome()).toMatchObject({ status: 'reused', session: { id: 'session-2' } });
  expect((await lab.batch()).counts).toMatchObject({ succeeded: 0, reused: 1 });
  expect(await lab.problems()).toEqual([]);
});
