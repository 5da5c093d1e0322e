import { beforeEach, expect, it, vi } from 'vitest';
import { changeBatch } from '../../../../src/lib/batch/pausing/by-person.ts';
import { ACT } from '../../steering/workshop.ts';
import { StageLab } from './stage-lab.ts';

const ROWS = [
  'video_id,task_id',
  '784912000000000001,784912000000500001',
  '784912000000000002,784912000000500002',
].join('\n');

let lab: StageLab;

/** With its first row the worker learns the batch's options. Dispatch has handed over the second. */
beforeEach(async () => {
  lab = await StageLab.open({ manifest: ROWS });
  await lab.openSession(1);
  await lab.workshop.store.markDispatched(await lab.batch(), [{ row: 2, state: 'ready' }], 2, 0);
});

async function openSecond(): Promise<{ result: unknown; reads: number; calls: number }> {
  const reading = vi.spyOn(lab.context.store, 'readRow');
  const before = lab.api.calls;
  const result = await lab.openSession(2);
  const reads = reading.mock.calls.length;
  reading.mockRestore();
  expect(await lab.problems()).toEqual([]);
  return { result, reads, calls: lab.api.calls - before };
}

it('a worker opens the session of a row as dispatch left it, without reading the row first', async () => {
  expect(await openSecond()).toEqual({ result: { kind: 'done' }, reads: 0, calls: 1 });
  expect(await lab.outcome(2)).toMatchObject({ status: 'succeeded', attempts: 1 });
  expect((await lab.batch()).state).toBe('completed');
});

it('a worker reads the row if dispatch has not recorded it yet, and opens its session', async () => {
  const own = await StageLab.open({ manifest: ROWS });
  await own.openSession(1);
  lab = own;
  expect(await openSecond()).toMatchObject({ result: { kind: 'done' }, calls: 1 });
  expect(await lab.outcome(2)).toMatchObject({ status: 'succeeded', attempts: 1 });
});

it('a worker makes no call for a row of a paused batch, and returns it to dispatch', async () => {
  await changeBatch(lab.workshop, await lab.batch(), 'pause', ACT);
  expect(await openSecond()).toMatchObject({ result: { kind: 'done' }, calls: 0 });
  expect(await lab.workshop.store.readAgain('nightly', 10)).toEqual([2]);
  await changeBatch(lab.workshop, await lab.batch(), 'resume', ACT);
  expect(await openSecond()).toMatchObject({ result: { kind: 'done' }, calls: 1 });
});

it('a worker makes no call for a row of a cancelled batch, and ends it', async () => {
  await lab.cancel();
  expect(await openSecond()).toMatchObject({ result: { kind: 'done' }, calls: 0 });
  expect((await lab.batch()).counts).toMatchObject({ succeeded: 1, cancelled: 1 });
});

it('a worker makes no second call for a row whose worker died during its call, and counts that one as lost', async () => {
  await lab.dieDuringCall(2);
  expect(await openSecond()).toMatchObject({ result: { kind: 'later' }, calls: 0 });
  expect(await lab.progress(2)).toMatchObject({ lostCalls: 1, attempts: 1, isCalling: false });
});

it('a worker makes no call for a row that has ended', async () => {
  await openSecond();
  expect(await openSecond()).toMatchObject({ result: { kind: 'done' }, calls: 0 });
});

it('a worker gives its lease back each time, so that further calls find one', async () => {
  await changeBatch(lab.workshop, await lab.batch(), 'pause', ACT);
  await openSecond();
  const pass = await lab.context.gate.enter(AbortSignal.timeout(5_000));
  expect(pass).not.toBeNull();
  if (pass !== null) await lab.context.gate.giveBack(pass);
  const { given, ...reading } = await lab.context.gateStore.lease({
    ...{ worker: 'another', concurrency: 20, given: 0, returned: 0, wanted: 20 },
  });
  expect(given).toBe(20);
  expect(reading.gate.mode).toBe('open');
});
