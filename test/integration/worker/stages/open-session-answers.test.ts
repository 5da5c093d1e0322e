import { expect, it } from 'vitest';
import { type Answer, fails } from './scripted-api.ts';
import { StageLab } from './stage-lab.ts';

const IMMEDIATELY = { random: () => 0 };

it('a successful call records its session and drops the job', async () => {
  const lab = await StageLab.open();
  expect(await lab.openSession()).toEqual({ kind: 'done' });
  expect(await lab.outcome()).toMatchObject({
    status: 'succeeded',
    session: { id: 'session-1' },
    attempts: 1,
  });
  expect(await lab.outcome()).not.toHaveProperty('possibleOrphans');
  expect(await lab.problems()).toEqual([]);
});

it('a row ends at once when the API refuses its video', async () => {
  const lab = await StageLab.open();
  lab.api.answer = () => fails(400, 1201, 'the clip is too dark');
  expect(await lab.openSession()).toEqual({ kind: 'done' });
  expect(await lab.outcome()).toMatchObject({
    status: 'failed',
    error: { code: '1201', message: 'the clip is too dark' },
    attempts: 1,
    httpStatus: 400,
  });
});

it.each<[string, Answer, { mode: string }]>([
  ['throttles the call', fails(429, 1302, 'slow down'), { mode: 'closed' }],
  ['does not accept the key', fails(401, 1002, 'no such key'), { mode: 'blocked' }],
  [
    'redirects to another address',
    { status: 301, body: {}, headers: { location: 'https://elsewhere.example/' } },
    { mode: 'blocked' },
  ],
])('the gate closes, and the row loses nothing, when the API %s', async (_, answer, gate) => {
  const lab = await StageLab.open();
  lab.api.answer = () => answer;
  expect(await lab.openSession()).toEqual({ kind: 'back' });
  expect(await lab.progress()).toMatchObject({
    state: 'ready',
    isCalling: false,
    attempts: 0,
    lostCalls: 0,
    failedAttempts: [],
  });
  expect((await lab.context.gateStore.read()).gate).toMatchObject(gate);
  expect(lab.api.calls).toBe(1);
});

it.each<[string, Answer, { code: string; lost: number; status: 'failed' | 'unconfirmed' }]>([
  [
    'answers with a server error',
    fails(503, 'busy', 'try later'),
    { code: 'busy', lost: 0, status: 'failed' },
  ],
  ['cuts the connection', 'reset', { code: 'reset', lost: 1, status: 'unconfirmed' }],
  [
    'names a session beside a code of its own',
    { status: 200, body: { code: 7, message: 'hm', data: { session_id: 'session-1' } } },
    { code: 'unclear_session', lost: 1, status: 'unconfirmed' },
  ],
  [
    'answers without a session',
    { status: 200, body: { code: 0, data: {} } },
    { code: 'no_session', lost: 1, status: 'unconfirmed' },
  ],
])(
  'a row is tried again later, and ends at the last attempt, when the API %s',
  async (_, answer, expected) => {
    const { code, lost, status } = expected;
    const lab = await StageLab.open();
    lab.api.answer = () => answer;
    const worker = { ...IMMEDIATELY, retryPolicy: { ...lab.context.retryPolicy, maxAttempts: 2 } };
    expect(await lab.openSession(1, worker)).toEqual({ kind: 'later', delayMs: 0 });
    expect(await lab.progress()).toMatchObject({
      state: 'ready',
      isCalling: false,
      attempts: 1,
      unconfirmed: lost,
      lostCalls: lost,
      failedAttempts: [{ code }],
    });
    expect(await lab.openSession(1, worker)).toEqual({ kind: 'done' });
    expect(await lab.outcome()).toMatchObject({ status, error: { code }, attempts: 2 });
    expect((await lab.batch()).possibleOrphans).toBe(2 * lost);
    expect(await lab.problems()).toEqual([]);
  },
);

it('a call counts as an attempt, and as no possible session, if the API cannot be reached', async () => {
  const lab = await StageLab.open();
  await lab.api[Symbol.asyncDispose]();
  expect(await lab.openSession(1, IMMEDIATELY)).toEqual({ kind: 'later', delayMs: 0 });
  expect(await lab.progress()).toMatchObject({ attempts: 1, unconfirmed: 0, lostCalls: 0 });
});
