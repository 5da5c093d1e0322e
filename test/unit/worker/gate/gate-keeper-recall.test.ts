import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { ApiFailure } from '../../../../src/lib/core/answer/api-failure.ts';
import { GateKeeper } from '../../../../src/worker/gate/gate-keeper.ts';
import { FakeGateStore } from '../../../contract/fake-gate-store.ts';

const never = new AbortController().signal;

const askedToWait: ApiFailure = {
  kind: 'throttled',
  code: '1302',
  message: 'too fast',
  httpStatus: 429,
  requestId: null,
  retryAfterMs: 60_000,
};

function keeperOf(store: FakeGateStore): GateKeeper {
  const policy = {
    concurrency: 8,
    ratePerSecond: 0,
    sessionsPerDay: 0,
    throttlePauseMs: 10_000,
    blockedPauseMs: 60_000,
    throttleLimitMs: 900_000,
  };
  return new GateKeeper({ store, policy, random: () => 0, log: pino({ level: 'silent' }) });
}

async function closedGate(): Promise<{ keeper: GateKeeper; store: FakeGateStore }> {
  const store = new FakeGateStore();
  const keeper = keeperOf(store);
  const pass = await keeper.enter(never);
  if (pass === null) throw new Error('gave up');
  await keeper.report(pass, 'b-1', askedToWait);
  return { keeper, store };
}

describe('a row that waits at the gate is recalled', () => {
  it('a row that waits at the gate is recalled at once, both the sleeping one and those behind it', async () => {
    const { keeper, store } = await closedGate();
    const waiting = [keeper.enter(never), keeper.enter(never), keeper.enter(never)];
    keeper.recall();
    expect(await Promise.all(waiting)).toEqual([null, null, null]);
    expect(store.listenerCount).toBe(0);
  });

  it('a row that comes to the gate later is not recalled', async () => {
    const { keeper, store } = await closedGate();
    keeper.recall();
    const later = keeper.enter(never);
    await store.update(({ gate }) => ({ gate: { ...gate, untilMs: 0 }, result: undefined }));
    expect(await later).toMatchObject({ isTrialCall: false });
  });
});

it('the gate uses the latest limits', async () => {
  const keeper = keeperOf(new FakeGateStore());
  keeper.followLimits({ concurrency: 2, ratePerSecond: 1, sessionsPerDay: 0 });
  expect(keeper.policy).toMatchObject({
    concurrency: 2,
    ratePerSecond: 1,
    sessionsPerDay: 0,
    blockedPauseMs: 60_000,
  });
});
