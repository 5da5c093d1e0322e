import { expect, it, vi } from 'vitest';
import { changeBatch } from '../../../../src/lib/batch/pausing/by-person.ts';
import { openTimeMs } from '../../../../src/lib/core/gate/gate.ts';
import { TroubleLog } from '../../../../src/worker/upkeep/trouble-log.ts';
import { ACT, NO_LIMIT } from '../../steering/workshop.ts';
import { fails, opens } from './scripted-api.ts';
import { StageLab } from './stage-lab.ts';

const DAY_MS = 86_400_000;
const KLING_ROW = (createdAtMs: number): string =>
  `video_id,task_id,video_created_at\n710000000000000001,710000000000000002,${new Date(createdAtMs).toISOString()}`;

/** Acts after the worker has looked at its row and before it gets its pass. */
function atGate(lab: StageLab, act: () => Promise<unknown>): void {
  const { gate } = lab.context;
  const enter = gate.enter.bind(gate);
  vi.spyOn(gate, 'enter').mockImplementationOnce(async (signal) => {
    await act();
    return await enter(signal);
  });
}

async function isGateFree(lab: StageLab): Promise<boolean> {
  const { gate, gatePolicy } = lab.context;
  const passes = await Promise.all(
    Array.from({ length: gatePolicy.concurrency }, () => gate.enter(AbortSignal.timeout(5_000))),
  );
  for (const pass of passes) if (pass !== null) gate.release(pass);
  return passes.every((pass) => pass !== null);
}

it('the stage counts a call as lost when its worker died, and calls again later', async () => {
  const lab = await StageLab.open();
  await lab.dieDuringCall();
  const worker = { random: () => 0 };
  expect(await lab.openSession(1, worker)).toEqual({ kind: 'later', delayMs: 0 });
  expect(lab.api.calls).toBe(0);
  expect(await lab.progress()).toMatchObject({
    isCalling: false,
    attempts: 1,
    unconfirmed: 1,
    lostCalls: 1,
    failedAttempts: [{ code: 'worker_died', httpStatus: null }],
  });
  expect(await lab.openSession(1, worker)).toEqual({ kind: 'done' });
  expect(await lab.outcome()).toMatchObject({
    status: 'succeeded',
    attempts: 2,
    possibleOrphans: 1,
  });
  expect(await lab.problems()).toEqual([]);
});

it('the stage leaves a row alone for a moment after an outage, as the worker that called may live and have the answer', async () => {
  const lab = await StageLab.open();
  const caller = await lab.take();
  await caller.beginCall({ firstCallOpenMs: 0 }, NO_LIMIT);
  const clock = { ms: 0 };
  const trouble = new TroubleLog(lab.context.log, () => clock.ms);
  trouble.report(new Error('Connection is closed.'));
  trouble.settle();
  const before = await lab.progress();
  expect(await lab.openSession(1, { trouble })).toEqual({ kind: 'later', delayMs: 2_000 });
  expect(await lab.progress()).toEqual(before);

  clock.ms = 5_000;
  trouble.settle();
  expect(await lab.openSession(1, { trouble })).toMatchObject({ kind: 'later' });
  expect(await lab.progress()).toMatchObject({ isCalling: false, lostCalls: 1 });
  expect(lab.api.calls).toBe(0);
});

it('the stage ends a row as unconfirmed if more calls were lost with their workers than may be repeated', async () => {
  const lab = await StageLab.open();
  const worker = { retryPolicy: { ...lab.context.retryPolicy, maxUnconfirmed: 0 } };
  await lab.dieDuringCall();
  expect(await lab.openSession(1, worker)).toEqual({ kind: 'done' });
  expect(await lab.outcome()).toMatchObject({
    status: 'unconfirmed',
    error: { code: 'worker_died' },
    possibleOrphans: 1,
  });
  expect(lab.api.calls).toBe(0);
});

it('the stage gives the row back untouched when the worker is shutting down at the gate', async () => {
  const lab = await StageLab.open();
  const stopping = new AbortController();
  atGate(lab, async () => stopping.abort());
  const before = await lab.progress();
  expect(await lab.openSession(1, { stopping: stopping.signal })).toEqual({ kind: 'back' });
  expect(before).toBeNull();
  expect(await lab.progress()).toMatchObject({ state: 'waiting', attempts: 0, isCalling: false });
  expect(lab.api.calls).toBe(0);
});

it('the stage does not call if the batch was paused between reading the row and the call', async () => {
  const lab = await StageLab.open();
  atGate(lab, async () => changeBatch(lab.workshop, await lab.batch(), 'pause', ACT));
  expect(await lab.openSession()).toEqual({ kind: 'back' });
  expect(lab.api.calls).toBe(0);
  expect(await lab.progress()).toMatchObject({ attempts: 0, isCalling: false });
  expect(await isGateFree(lab)).toBe(true);

  expect(await lab.openSession()).toEqual({ kind: 'done' });
  expect(await lab.workshop.store.readAgain('nightly', 10)).toEqual([1]);
  await changeBatch(lab.workshop, await lab.batch(), 'resume', ACT);
  expect(await lab.openSession()).toEqual({ kind: 'done' });
  expect(await lab.outcome()).toMatchObject({ status: 'succeeded', attempts: 1 });
});

it('the stage does not call if the batch was cancelled between reading the row and the call', async () => {
  const lab = await StageLab.open();
  atGate(lab, () => lab.cancel());
  expect(await lab.openSession()).toEqual({ kind: 'back' });
  expect(await lab.openSession()).toEqual({ kind: 'done' });
  expect(lab.api.calls).toBe(0);
  expect((await lab.batch()).counts).toMatchObject({ cancelled: 1 });
  expect(await isGateFree(lab)).toBe(true);
});

it.each<[string, { lostCalls: number }, string]>([
  ['failed', { lostCalls: 0 }, 'failed'],
  ['unconfirmed when a call of it was lost', { lostCalls: 1 }, 'unconfirmed'],
])('a row ends after ROW_DEADLINE of open gate as %s', async (_, others, status) => {
  const lab = await StageLab.open();
  const { rowDeadlineMs, gateStore } = lab.context;
  const { gate, nowMs } = await gateStore.read();
  const firstCallOpenMs = openTimeMs(gate, nowMs) - rowDeadlineMs - 1;
  await (await lab.take()).advance({ ...others, attempts: 1, firstCallOpenMs });
  expect(await lab.openSession()).toEqual({ kind: 'done' });
  expect(lab.api.calls).toBe(0);
  expect(await lab.outcome()).toMatchObject({ status, error: { code: 'row_deadline' } });
  expect(await isGateFree(lab)).toBe(true);
});

it('a row is called again while ROW_DEADLINE has not passed, counted from the first call', async () => {
  const lab = await StageLab.open();
  const { rowDeadlineMs, gateStore } = lab.context;
  const { gate, nowMs } = await gateStore.read();
  const firstCallOpenMs = openTimeMs(gate, nowMs) - rowDeadlineMs / 2;
  await (await lab.take()).advance({ attempts: 1, firstCallOpenMs });
  lab.api.answer = () => ({ status: 503, body: {} });
  expect(await lab.openSession()).toMatchObject({ kind: 'later' });
  expect(await lab.progress()).toMatchObject({ attempts: 2, firstCallOpenMs });
});

it('the stage rejects a Kling video that became too old while its row waited, without a call', async () => {
  const createdAtMs = Date.now() - 29 * DAY_MS;
  const lab = await StageLab.open({ manifest: KLING_ROW(createdAtMs) });
  const worker = { now: () => createdAtMs + 31 * DAY_MS };
  expect(await lab.openSession(1, worker)).toEqual({ kind: 'done' });
  expect(lab.api.calls).toBe(0);
  expect(await lab.outcome()).toMatchObject({
    status: 'rejected',
    error: { code: 'kling_too_old' },
  });
});

it('the stage warns once that a Kling video will soon be too old, even if it is called again an hour later', async () => {
  const createdAtMs = Date.now() - 29 * DAY_MS;
  const lab = await StageLab.open({ manifest: KLING_ROW(createdAtMs) });
  lab.api.answer = (nth) => (nth === 1 ? fails(503, 'busy', 'try later') : opens(nth));
  await lab.openSession();
  await lab.openSession(1, { now: () => Date.now() + 3_600_000 });
  const { warnings } = (await lab.outcome()) ?? {};
  expect(warnings).toEqual([expect.stringContaining('of the last 30 days')]);
});
