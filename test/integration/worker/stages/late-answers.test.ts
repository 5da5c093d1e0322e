import { EventEmitter, once } from 'node:events';
import { expect, it } from 'vitest';
import { refreshSessions, retryRows } from '../../../../src/lib/batch/steer-batch.ts';
import { ACT } from '../../steering/workshop.ts';
import { type Answer, fails, opens } from './scripted-api.ts';
import { StageLab } from './stage-lab.ts';

const DAY_MS = 86_400_000;
const ALL = { statuses: null, codes: null };
const REFUSAL = fails(400, 1201, 'too dark');
const AT_ONCE = { random: () => 0 };

/**
 * Suspends a worker in the middle of call 1. Others consider it dead and do what `meanwhile` says before its answer
 * arrives; their own calls open sessions 2, 3 and so on.
 */
async function answerLate(
  lab: StageLab,
  meanwhile: () => Promise<unknown>,
  answer: Answer = opens(1),
): Promise<void> {
  lab.api.answer = async (nth) => {
    if (nth > 1) return opens(nth);
    await meanwhile();
    return answer;
  };
  expect(await lab.openSession()).toEqual({ kind: 'done' });
}

/** Ends the row as unconfirmed, as its only call counts as lost. */
async function endAsUnconfirmed(lab: StageLab): Promise<void> {
  const retryPolicy = { ...lab.context.retryPolicy, maxUnconfirmed: 0 };
  await lab.openSession(1, { retryPolicy });
  expect(await lab.outcome()).toMatchObject({ status: 'unconfirmed', possibleOrphans: 1 });
}

async function retry(lab: StageLab): Promise<void> {
  expect(await retryRows(lab.workshop, await lab.batch(), ALL, ACT)).toMatchObject({ rows: 1 });
}

/** The call of another worker arrives, and is answered once the first one's answer is recorded. */
function overtake(lab: StageLab): { begin: () => Promise<void>; finish: () => Promise<void> } {
  const events = new EventEmitter();
  const arrived = once(events, 'arrived');
  const released = once(events, 'released');
  let other: Promise<unknown> = Promise.resolve();
  return {
    begin: async () => {
      const { answer } = lab.api;
      lab.api.answer = async (nth) => {
        events.emit('arrived');
        await released;
        return await answer(nth);
      };
      other = lab.openSession();
      await arrived;
    },
    finish: async () => {
      events.emit('released');
      expect(await other).toEqual({ kind: 'done' });
    },
  };
}

const lostSessions = (lab: StageLab): unknown[] =>
  lab.log
    .filter(({ msg }) => msg === 'session opened for a row that had ended')
    .map(({ session }) => session);

it.each<[string, Answer, object]>([
  ['session', opens(1), { status: 'succeeded', session: { id: 'session-1' } }],
  ['refusal', REFUSAL, { status: 'failed', error: { code: '1201' } }],
])(
  'a %s that arrives after another worker has taken the call for lost is recorded',
  async (_, answer, outcome) => {
    const lab = await StageLab.open();
    await answerLate(lab, () => lab.openSession(1, AT_ONCE), answer);
    expect(await lab.outcome()).toMatchObject({ ...outcome, attempts: 1 });
    expect((await lab.batch()).possibleOrphans).toBe(0);
    expect(lab.api.calls).toBe(1);
    expect(await lab.problems()).toEqual([]);
  },
);

it('a server error that arrives after another worker has counted the call as lost is dropped', async () => {
  const lab = await StageLab.open();
  let before: unknown;
  const meanwhile = async (): Promise<void> => {
    await lab.openSession(1, AT_ONCE);
    before = await lab.progress();
  };
  await answerLate(lab, meanwhile, fails(503, 'busy', 'later'));
  expect(await lab.progress()).toEqual(before);
  expect(before).toMatchObject({ attempts: 1, lostCalls: 1 });
});

it('the first of two sessions is recorded, and the other counted and logged, when both workers called', async () => {
  const lab = await StageLab.open();
  const other = overtake(lab);
  await answerLate(lab, async () => {
    await lab.openSession(1, AT_ONCE);
    await other.begin();
  });
  await other.finish();
  expect(await lab.outcome()).toMatchObject({
    status: 'succeeded',
    session: { id: 'session-1' },
    possibleOrphans: 1,
    unclearCalls: [expect.any(Number)],
  });
  expect(lostSessions(lab)).toEqual(['session-2']);
  expect(await lab.problems()).toEqual([]);
});

it('a session that arrives after its row has ended as unconfirmed is logged', async () => {
  const lab = await StageLab.open();
  await answerLate(lab, () => endAsUnconfirmed(lab));
  expect(await lab.outcome()).toMatchObject({ status: 'unconfirmed', possibleOrphans: 1 });
  expect(lostSessions(lab)).toEqual(['session-1']);
});

it('a retried row gets the session that an old call opens before the new attempt begins', async () => {
  const lab = await StageLab.open();
  await answerLate(lab, async () => {
    await endAsUnconfirmed(lab);
    await retry(lab);
  });
  expect(await lab.outcome()).toMatchObject({ status: 'succeeded', session: { id: 'session-1' } });
  expect((await lab.batch()).possibleOrphans).toBe(0);
  expect(await lab.openSession()).toEqual({ kind: 'done' });
  expect(lab.api.calls).toBe(1);
  expect(lostSessions(lab)).toEqual([]);
  expect(await lab.problems()).toEqual([]);
});

it.each<[string, (lab: StageLab) => Promise<void>]>([
  [
    'retried',
    async (lab) => {
      await endAsUnconfirmed(lab);
      await retry(lab);
    },
  ],
  [
    'refreshed',
    async (lab) => {
      await lab.openSession(1, AT_ONCE);
      await lab.openSession();
      expect(await refreshSessions(lab.workshop, await lab.batch(), 2 * DAY_MS, ACT)).toMatchObject(
        { rows: 1 },
      );
    },
  ],
])(
  'the session of an old call does not replace that of a new attempt when the row was %s',
  async (_, reopen) => {
    const lab = await StageLab.open();
    await answerLate(lab, async () => {
      await reopen(lab);
      await lab.openSession();
    });
    const session = `session-${lab.api.calls}`;
    expect(await lab.outcome()).toMatchObject({
      status: 'succeeded',
      session: { id: session },
      possibleOrphans: 1,
    });
    expect(lostSessions(lab)).toEqual(['session-1']);
    expect(await lab.problems()).toEqual([]);
  },
);

it('every session is logged when an old call is answered during the call of a new attempt', async () => {
  const lab = await StageLab.open();
  const other = overtake(lab);
  await answerLate(lab, async () => {
    await endAsUnconfirmed(lab);
    await retry(lab);
    await other.begin();
  });
  await other.finish();
  expect(await lab.outcome()).toMatchObject({ session: { id: 'session-1' }, possibleOrphans: 1 });
  expect(lostSessions(lab)).toEqual(['session-2']);
  expect(await lab.problems()).toEqual([]);
});

it.each<[string, (lab: StageLab) => Promise<unknown>]>([
  ['waits', async () => undefined],
  ['is held by a worker', (lab) => lab.take()],
])('a retried row that %s does not end with the refusal of an old call', async (_, next) => {
  const lab = await StageLab.open();
  const meanwhile = async (): Promise<void> => {
    await endAsUnconfirmed(lab);
    await retry(lab);
    await next(lab);
  };
  await answerLate(lab, meanwhile, REFUSAL);
  expect(await lab.outcome()).toBeNull();
  expect(await lab.openSession()).toEqual({ kind: 'done' });
  expect(await lab.outcome()).toMatchObject({
    status: 'succeeded',
    session: { id: 'session-2' },
    possibleOrphans: 1,
  });
  expect(await lab.problems()).toEqual([]);
});

it('an answer to a call whose beginning a failover has forgotten leaves the lost call before it counted', async () => {
  const lab = await StageLab.open();
  await lab.dieDuringCall();
  await lab.openSession(1, AT_ONCE);
  const { redis, keys } = lab.workshop;
  const key = keys.underWay((await lab.batch()).id);
  const before = await redis.hgetall(key);
  lab.api.answer = async () => {
    await redis.hset(key, before);
    return opens(1);
  };
  expect(await lab.openSession()).toEqual({ kind: 'done' });
  expect(await lab.outcome()).toMatchObject({ status: 'succeeded', possibleOrphans: 1 });
});
