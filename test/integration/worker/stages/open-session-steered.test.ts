import { expect, it } from 'vitest';
import { changeBatch } from '../../../../src/lib/batch/pausing/by-person.ts';
import { removeBatch } from '../../../../src/lib/batch/remove-batch.ts';
import { retryRows, setBatchPriority } from '../../../../src/lib/batch/steer-batch.ts';
import { ACT } from '../../steering/workshop.ts';
import { type Answer, fails, opens } from './scripted-api.ts';
import { StageLab } from './stage-lab.ts';

const CANCELLED = { statuses: new Set(['cancelled'] as const), codes: null };

/** Runs the stage once; `act` happens after the request of its first call has arrived, and before the answer. */
async function steerDuringCall(
  lab: StageLab,
  act: () => Promise<unknown>,
  answer: Answer = opens(1),
): Promise<unknown> {
  lab.api.answer = async (nth) => {
    if (nth > 1) return opens(nth);
    await act();
    return answer;
  };
  return await lab.openSession(1, { random: () => 0 });
}

it.each<[string, Answer, object]>([
  [
    'succeeded with the session that the call opens',
    opens(1),
    { status: 'succeeded', attempts: 1 },
  ],
  ['failed when the API refuses', fails(400, 1201, 'too dark'), { status: 'failed', attempts: 1 }],
  [
    'cancelled when it would be retried',
    fails(503, 'busy', 'later'),
    { status: 'cancelled', attempts: 1 },
  ],
  [
    'cancelled when it would wait at the gate',
    fails(429, 1302, 'slow down'),
    { status: 'cancelled', attempts: 0 },
  ],
  [
    'cancelled, with a session that may exist, when the connection breaks',
    'reset',
    { status: 'cancelled', possibleOrphans: 1 },
  ],
])('a row whose batch is cancelled during the call ends as %s', async (_, answer, outcome) => {
  const lab = await StageLab.open();
  const result = await steerDuringCall(lab, () => lab.cancel(), answer);
  expect(result).toEqual({ kind: 'done' });
  expect(await lab.outcome()).toMatchObject(outcome);
  expect((await lab.batch()).state).toBe('cancelled');
  expect(await lab.problems()).toEqual([]);
});

it('a row opens one session when its batch is cancelled and retried during the call', async () => {
  const lab = await StageLab.open();
  const result = await steerDuringCall(lab, async () => {
    await lab.cancel();
    await retryRows(lab.workshop, await lab.batch(), CANCELLED, ACT);
  });
  expect(result).toEqual({ kind: 'done' });
  expect(await lab.openSession()).toEqual({ kind: 'done' });
  expect(lab.api.calls).toBe(1);
  expect(await lab.outcome()).toMatchObject({ status: 'succeeded', session: { id: 'session-1' } });
  expect(await lab.problems()).toEqual([]);
});

it('a row returns to dispatch if its batch is paused during a call that must be repeated', async () => {
  const lab = await StageLab.open();
  const pause = async () => changeBatch(lab.workshop, await lab.batch(), 'pause', ACT);
  const result = await steerDuringCall(lab, pause, fails(503, 'busy', 'later'));
  expect(result).toEqual({ kind: 'done' });
  expect(await lab.progress()).toMatchObject({ state: 'waiting', attempts: 1 });
  expect(await lab.workshop.store.readAgain('nightly', 10)).toEqual([1]);
  await changeBatch(lab.workshop, await lab.batch(), 'resume', ACT);
  expect(await lab.openSession()).toEqual({ kind: 'done' });
  expect(await lab.outcome()).toMatchObject({ status: 'succeeded', attempts: 2 });
});

it('a row keeps the priority that is set during a call, and the session of the call', async () => {
  const lab = await StageLab.open();
  await steerDuringCall(lab, async () =>
    setBatchPriority(lab.workshop, await lab.batch(), 90, ACT),
  );
  expect(await lab.outcome()).toMatchObject({ status: 'succeeded' });
  expect((await lab.batch()).priority).toBe(90);
});

it('the session that a call opens for a batch that is removed during the call is logged', async () => {
  const lab = await StageLab.open();
  const result = await steerDuringCall(lab, async () => {
    await lab.cancel();
    await removeBatch(lab.workshop, await lab.batch());
  });
  expect(result).toEqual({ kind: 'done' });
  expect(await lab.workshop.store.readBatch('nightly')).toBeNull();
  expect(lab.log).toContainEqual(
    expect.objectContaining({
      msg: 'session opened for a removed batch',
      batch: 'nightly',
      row: 1,
      session: 'session-1',
    }),
  );
});
