import { getEventListeners, setMaxListeners } from 'node:events';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiFailure } from '../../../../src/lib/core/answer/api-failure.ts';
import { TRIAL_CALL_LEASE_MS, tryNow } from '../../../../src/lib/core/gate/decide-gate.ts';
import type { Gate, GatePolicy } from '../../../../src/lib/core/gate/gate.ts';
import { GateKeeper, type Pass } from '../../../../src/worker/gate/gate-keeper.ts';
import { FakeGateStore } from '../../../contract/fake-gate-store.ts';

const MINUTE_MS = 60_000;
const never = new AbortController().signal;
setMaxListeners(0, never);

const usedUp: ApiFailure = {
  kind: 'account',
  code: '1102',
  message: 'used up',
  httpStatus: 429,
  requestId: null,
  retryAfterMs: null,
};

interface Bench {
  store: FakeGateStore;
  keeper: GateKeeper;
  /** Another process behind the same gate. */
  other: GateKeeper;
  log: { level: number; msg: string; sentence?: string }[];
}

function bench(policy: Partial<GatePolicy> = {}): Bench {
  const store = new FakeGateStore();
  const log: Bench['log'] = [];
  const limits = { concurrency: 20, ratePerSecond: 0, sessionsPerDay: 500 };
  const waits = { throttleLimitMs: 15 * MINUTE_MS, throttlePauseMs: 10_000 };
  const pauses = { ...waits, blockedPauseMs: MINUTE_MS };
  const options = {
    store,
    policy: { ...limits, ...pauses, ...policy },
    random: () => 0,
    log: pino({ base: null }, { write: (line: string) => log.push(JSON.parse(line)) }),
  };
  return { store, log, keeper: new GateKeeper(options), other: new GateKeeper(options) };
}

const change = (store: FakeGateStore, next: (gate: Gate, nowMs: number) => Gate): Promise<void> =>
  store.update(({ gate, nowMs }) => ({ gate: next(gate, nowMs), result: undefined }));

async function enter(keeper: GateKeeper, signal = never): Promise<Pass> {
  const pass = await keeper.enter(signal);
  if (pass === null) throw new Error('gave up');
  return pass;
}

/** Blocks the gate and starts the trial call. */
async function beginTrialCall({ keeper }: Bench): Promise<Pass> {
  await keeper.report(await enter(keeper), 'b-1', usedUp);
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  return await enter(keeper);
}

/** Whether a promise is settled once everything that can happen now has happened. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = (): void => {
    settled = true;
  };
  promise.then(note, note);
  await vi.advanceTimersByTimeAsync(0);
  return settled;
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('entering', () => {
  it('entering takes no time while the gate is open', async () => {
    const { keeper } = bench();
    const pass = { isTrialCall: false, generation: 0, openMs: 0, sessionsPerDay: 500 };
    expect(await keeper.enter(never)).toEqual(pass);
  });

  it('entering returns how long the gate has been open', async () => {
    const { keeper } = bench();
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await enter(keeper)).openMs).toBe(5_000);
  });

  it('entering is first come, first served', async () => {
    const { keeper } = bench({ ratePerSecond: 10 });
    const order: number[] = [];
    const calls = [1, 2, 3, 4, 5].map((n) => keeper.enter(never).then(() => order.push(n)));
    await vi.advanceTimersByTimeAsync(1_000);
    await Promise.all(calls);
    expect(order).toEqual([1, 2, 3, 4, 5]);
  });

  it('entering keeps the rate, together with other processes', async () => {
    const { keeper, other } = bench({ ratePerSecond: 10 });
    let passes = 0;
    const calls = Array.from({ length: 20 }, () => [keeper, other])
      .flat()
      .map(async (one) => {
        one.release(await enter(one));
        passes += 1;
      });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(passes).toBeGreaterThanOrEqual(9);
    expect(passes).toBeLessThanOrEqual(11);
    await vi.advanceTimersByTimeAsync(9_000);
    await Promise.all(calls);
  });

  it('entering waits until the pause is over', async () => {
    const { keeper } = bench();
    await keeper.report(await enter(keeper), 'b-1', { ...usedUp, kind: 'throttled' });
    const call = keeper.enter(never);
    await vi.advanceTimersByTimeAsync(9_999);
    expect(await isSettled(call)).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await isSettled(call)).toBe(true);
  });

  it('entering starts as soon as a person opens the gate', async () => {
    const { keeper, store } = bench();
    await keeper.report(await enter(keeper), 'b-1', usedUp);
    const call = keeper.enter(never);
    expect(await isSettled(call)).toBe(false);
    await change(store, tryNow);
    expect(await isSettled(call)).toBe(true);
    expect(await call).toMatchObject({ isTrialCall: true });
  });

  it('entering lets every row through as soon as the trial call has succeeded', async () => {
    const all = bench();
    const trialCall = await beginTrialCall(all);
    const calls = [all.keeper, all.other, all.keeper].map((keeper) => enter(keeper));
    expect(await isSettled(Promise.race(calls))).toBe(false);
    await all.other.report(trialCall, 'b-2', null);
    expect(await isSettled(Promise.all(calls))).toBe(true);
  });

  it('entering notices a change within 5 s without a message', async () => {
    const { keeper, store } = bench();
    await keeper.report(await enter(keeper), 'b-1', usedUp);
    const call = keeper.enter(never);
    await vi.advanceTimersByTimeAsync(0);
    store.losesNotices = true;
    await change(store, tryNow);
    expect(await isSettled(call)).toBe(false);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await isSettled(call)).toBe(true);
  });

  it('entering lets no new row overtake a waiting one', async () => {
    const { keeper, store } = bench();
    await keeper.report(await enter(keeper), 'b-1', usedUp);
    const first = keeper.enter(never);
    await vi.advanceTimersByTimeAsync(0);
    store.losesNotices = true;
    await change(store, tryNow);
    const newcomer = keeper.enter(never);
    expect(await isSettled(newcomer)).toBe(false);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await isSettled(first)).toBe(true);
    expect(await isSettled(newcomer)).toBe(false);
  });

  it('the gate keeper listens only while a row waits', async () => {
    const { keeper, store } = bench({ ratePerSecond: 10 });
    const { signal } = new AbortController();
    const calls = Promise.all([1, 2, 3].map(() => enter(keeper, signal)));
    await vi.advanceTimersByTimeAsync(1_000);
    await calls;
    expect(store.listenerCount).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('entering throws what the store throws, and continues with the next in line', async () => {
    const { keeper, store } = bench();
    vi.spyOn(store, 'lease').mockRejectedValueOnce(new Error('connection lost'));
    const first = keeper.enter(never);
    const second = keeper.enter(never);
    await expect(first).rejects.toThrow('connection lost');
    await expect(second).resolves.toMatchObject({ isTrialCall: false });
  });
});

describe('giving up', () => {
  it('giving up is immediate for all waiting rows when the worker stops', async () => {
    const { keeper, store } = bench();
    await keeper.report(await enter(keeper), 'b-1', usedUp);
    const stopping = new AbortController();
    const calls = Promise.all([1, 2, 3].map(() => keeper.enter(stopping.signal)));
    expect(await isSettled(calls)).toBe(false);
    stopping.abort();
    expect(await isSettled(calls)).toBe(true);
    expect(await calls).toEqual([null, null, null]);
    expect(store.listenerCount).toBe(0);
  });

  it('giving up uses no pass', async () => {
    const { keeper } = bench({ ratePerSecond: 1 });
    expect(await keeper.enter(AbortSignal.abort())).toBeNull();
    expect(await isSettled(keeper.enter(never))).toBe(true);
  });

  it('giving up leaves the rows behind it in the line', async () => {
    const { keeper, store } = bench();
    await keeper.report(await enter(keeper), 'b-1', usedUp);
    const impatient = new AbortController();
    const first = keeper.enter(impatient.signal);
    const second = keeper.enter(never);
    await vi.advanceTimersByTimeAsync(0);
    impatient.abort();
    expect(await first).toBeNull();
    expect(await isSettled(second)).toBe(false);
    await change(store, tryNow);
    expect(await second).toMatchObject({ isTrialCall: true });
  });
});

describe('trial call', () => {
  it('a trial call keeps its place however long its call takes', async () => {
    const all = bench();
    const trialCall = await beginTrialCall(all);
    const answer = deferred();
    const call = all.keeper.during(trialCall, () => answer.promise);
    const next = all.other.enter(never);
    await vi.advanceTimersByTimeAsync(10 * TRIAL_CALL_LEASE_MS);
    expect(await isSettled(next)).toBe(false);
    answer.resolve();
    await call;
    await vi.advanceTimersByTimeAsync(TRIAL_CALL_LEASE_MS);
    expect(await next).toMatchObject({ isTrialCall: true });
  });

  it('a trial call of a worker that died is followed by another after 15 s', async () => {
    const all = bench();
    await beginTrialCall(all);
    const next = all.other.enter(never);
    await vi.advanceTimersByTimeAsync(TRIAL_CALL_LEASE_MS - 1);
    expect(await isSettled(next)).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await next).toMatchObject({ isTrialCall: true });
  });

  it('a trial call is not renewed any more once its call has thrown', async () => {
    const all = bench();
    const trialCall = await beginTrialCall(all);
    const call = all.keeper.during(trialCall, async () => {
      throw new Error('no call');
    });
    await expect(call).rejects.toThrow('no call');
    await vi.advanceTimersByTimeAsync(TRIAL_CALL_LEASE_MS);
    expect(await all.other.enter(never)).toMatchObject({ isTrialCall: true });
  });

  it('a trial call that was returned is followed by another at once', async () => {
    const all = bench();
    const trialCall = await beginTrialCall(all);
    const next = all.other.enter(never);
    expect(await isSettled(next)).toBe(false);
    await all.keeper.giveBack(trialCall);
    expect(await next).toMatchObject({ isTrialCall: true });
  });

  it('a trial call that is returned after the gate moved on changes nothing', async () => {
    const all = bench();
    const trialCall = await beginTrialCall(all);
    await all.keeper.report(trialCall, 'b-2', usedUp);
    const before = (await all.store.read()).gate;
    await all.keeper.giveBack(trialCall);
    expect((await all.store.read()).gate).toBe(before);
  });
});

it('a usual pass that is returned changes nothing', async () => {
  const { keeper, store } = bench();
  const pass = await enter(keeper);
  const before = (await store.read()).gate;
  await keeper.giveBack(pass);
  expect((await store.read()).gate).toBe(before);
});

it('a usual call returns its own result', async () => {
  const { keeper } = bench();
  expect(await keeper.during(await enter(keeper), async () => 'answer')).toBe('answer');
});

describe('log', () => {
  it('the log has one line for the whole event, not one per row', async () => {
    const { keeper, other, log } = bench();
    const passes = await Promise.all(
      Array.from({ length: 20 }, (_, i) => enter(i % 2 === 0 ? keeper : other)),
    );
    await Promise.all(
      passes.map((pass, i) => (i % 2 === 0 ? keeper : other).report(pass, `b-${i}`, usedUp)),
    );
    expect(log.map(({ msg }) => msg)).toEqual(['gate blocked']);
    expect(log[0]?.sentence).toMatch(/^Blocked since .* used up or expired \(1102\)\. Next try/);
  });

  it('the log says when a trial call failed, and when the gate opened', async () => {
    const all = bench();
    await all.keeper.report(await beginTrialCall(all), 'b-2', usedUp);
    await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
    await all.keeper.report(await enter(all.keeper), 'b-2', null);
    const messages = all.log.map(({ msg }) => msg);
    expect(messages).toEqual(['gate blocked', 'trial call failed', 'gate opened']);
  });

  it('the log says when the API asked to wait', async () => {
    const { keeper, log } = bench();
    const failure: ApiFailure = { ...usedUp, kind: 'throttled', code: '1302' };
    await keeper.report(await enter(keeper), 'b-1', failure);
    expect(log).toMatchObject([{ msg: 'gate closed', level: 40 }]);
    expect(log[0]?.sentence).toMatch(/^The API asked to wait until /);
  });

  it('the log is silent about successes', async () => {
    const { keeper, log } = bench();
    await keeper.report(await enter(keeper), 'b-1', null);
    expect(log).toEqual([]);
  });
});
