import { expect, it } from 'vitest';
import { bearerAuthorizer } from '../../../../src/lib/kling/authorizer.ts';
import { createKlingClient } from '../../../../src/lib/kling/create-kling-client.ts';
import { readEntry } from '../../../../src/lib/report/read-entries.ts';
import { fails, opens } from './scripted-api.ts';
import { StageLab } from './stage-lab.ts';

const UNSPENT = { state: 'ready', isCalling: false, attempts: 0, unconfirmed: 0 };

it('a row uses no attempt if the worker shuts down before the call was sent', async () => {
  const lab = await StageLab.open();
  const halting = new AbortController();
  await using kling = createKlingClient({
    baseUrl: lab.api.baseUrl,
    concurrency: 1,
    authorizer: {
      authorize: () => {
        halting.abort();
        return bearerAuthorizer('test-key').authorize();
      },
    },
  });
  const worker = { kling, halting: halting.signal };
  expect(await lab.openSession(1, worker)).toEqual({ kind: 'back' });
  expect(lab.api.calls).toBe(0);
  expect(await lab.progress()).toMatchObject({ ...UNSPENT, lostCalls: 0 });
  expect(await lab.openSession()).toEqual({ kind: 'done' });
  expect(await lab.outcome()).not.toHaveProperty('possibleOrphans');
});

it('a row uses no attempt, but counts a possible session, if the worker shuts down after the call was sent', async () => {
  const lab = await StageLab.open();
  const halting = new AbortController();
  lab.api.answer = (nth) => {
    if (nth === 1) halting.abort();
    return opens(nth);
  };
  expect(await lab.openSession(1, { halting: halting.signal })).toEqual({ kind: 'back' });
  expect(await lab.progress()).toMatchObject({ ...UNSPENT, lostCalls: 1 });
  const entry = await readEntry(lab.workshop.store, await lab.batch(), 1);
  expect(entry).toMatchObject({ result: 'ready', lost: { lostCallTimes: [expect.any(Number)] } });
  expect(await lab.openSession()).toEqual({ kind: 'done' });
  expect(await lab.outcome()).toMatchObject({
    status: 'succeeded',
    session: { id: 'session-2' },
    attempts: 1,
    possibleOrphans: 1,
    unclearCalls: [expect.any(Number)],
  });
  expect(await lab.problems()).toEqual([]);
});

it('a row does not end as plainly failed if an earlier call of it was lost at a shutdown', async () => {
  const lab = await StageLab.open();
  const halting = new AbortController();
  lab.api.answer = (nth) => {
    if (nth === 1) halting.abort();
    return fails(503, 'busy', 'try later');
  };
  await lab.openSession(1, { halting: halting.signal });
  const retryPolicy = { ...lab.context.retryPolicy, maxAttempts: 1 };
  expect(await lab.openSession(1, { retryPolicy })).toEqual({ kind: 'done' });
  expect(await lab.outcome()).toMatchObject({ status: 'unconfirmed', possibleOrphans: 1 });
});

it.each([
  ['session', opens, 'succeeded'],
  ['refusal', () => fails(400, 1201, 'too dark'), 'failed'],
] as const)(
  'a %s that arrived before the worker was halted is recorded',
  async (_, answer, status) => {
    const lab = await StageLab.open();
    const halting = new AbortController();
    lab.api.answer = answer;
    const kling: typeof lab.context.kling = {
      initSelection: async (source, options) => {
        const result = await lab.context.kling.initSelection(source, options);
        halting.abort();
        return result;
      },
    };
    expect(await lab.openSession(1, { kling, halting: halting.signal })).toEqual({ kind: 'done' });
    expect(await lab.outcome()).toMatchObject({ status });
  },
);
