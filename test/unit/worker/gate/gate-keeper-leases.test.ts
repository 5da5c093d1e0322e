import { setMaxListeners } from 'node:events';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ApiFailure } from '../../../../src/lib/core/answer/api-failure.ts';
import { setLimits } from '../../../../src/lib/core/gate/decide-gate.ts';
import { LEASE_MS } from '../../../../src/lib/gate/gate-store.ts';
import { GateKeeper, type Pass } from '../../../../src/worker/gate/gate-keeper.ts';
import { FakeGateStore } from '../../../contract/fake-gate-store.ts';

const never = new AbortController().signal;
setMaxListeners(0, never);

const askedToWait: ApiFailure = {
  kind: 'throttled',
  code: '1302',
  message: 'too fast',
  httpStatus: 429,
  requestId: null,
  retryAfterMs: 60_000,
};

function keeperOf(store: FakeGateStore, concurrency: number): GateKeeper {
  const pauses = { throttlePauseMs: 10_000, blockedPauseMs: 60_000, throttleLimitMs: 900_000 };
  const policy = { concurrency, ratePerSecond: 0, sessionsPerDay: 0, ...pauses };
  return new GateKeeper({ store, policy, random: () => 0, log: pino({ level: 'silent' }) });
}

/** Calls through `keeper` that last until the test ends them. */
class Calls {
  readonly running: Pass[] = [];
  turnedAway = 0;
  readonly #keeper: GateKeeper;

  constructor(keeper: GateKeeper, count: number, signal = never) {
    this.#keeper = keeper;
    for (let call = 0; call < count; call += 1) void this.#begin(signal);
  }

  async #begin(signal: AbortSignal): Promise<void> {
    const pass = await this.#keeper.enter(signal);
    if (pass === null) this.turnedAway += 1;
    else this.running.push(pass);
  }

  async end(failure: ApiFailure | null = null): Promise<void> {
    const pass = this.running.shift();
    if (pass === undefined) throw new Error('no call runs');
    await this.#keeper.report(pass, 'b-1', failure);
  }
}

/** Until everything that can happen now has happened. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await vi.advanceTimersByTimeAsync(0);
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('calls at once', () => {
  it('calls at once never exceed the limit, in two processes together', async () => {
    const store = new FakeGateStore();
    const one = new Calls(keeperOf(store, 3), 5);
    const other = new Calls(keeperOf(store, 3), 5);
    await settle();
    expect(one.running.length + other.running.length).toBe(3);
  });

  it('calls at once are followed by the next as soon as one ends, here or elsewhere', async () => {
    const store = new FakeGateStore();
    const one = new Calls(keeperOf(store, 2), 2);
    await settle();
    const other = new Calls(keeperOf(store, 2), 1);
    await settle();
    expect(other.running).toHaveLength(0);
    await one.end();
    await settle();
    expect(other.running).toHaveLength(1);
  });

  it('calls at once are followed within 2 s if the message is lost', async () => {
    const store = new FakeGateStore();
    const one = new Calls(keeperOf(store, 1), 1);
    await settle();
    const other = new Calls(keeperOf(store, 1), 1);
    await settle();
    store.losesNotices = true;
    await one.end();
    await settle();
    expect(other.running).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(LEASE_MS / 4);
    expect(other.running).toHaveLength(1);
  });

  it('calls at once keep their leases however long they take', async () => {
    const store = new FakeGateStore();
    const one = new Calls(keeperOf(store, 1), 1);
    const other = new Calls(keeperOf(store, 1), 1);
    await vi.advanceTimersByTimeAsync(10 * LEASE_MS);
    expect([one.running.length, other.running.length]).toEqual([1, 0]);
  });

  it('calls of a process that crashed are replaced within 10 s', async () => {
    const store = new FakeGateStore();
    const dead = { worker: 'dead', concurrency: 1, given: 0, returned: 0, wanted: 2 };
    await store.lease(dead);
    const other = new Calls(keeperOf(store, 1), 1);
    await vi.advanceTimersByTimeAsync(LEASE_MS - 1);
    expect(other.running).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(10_000 - LEASE_MS);
    expect(other.running).toHaveLength(1);
  });

  it('calls at once increase as soon as the limit is raised', async () => {
    const store = new FakeGateStore();
    const calls = new Calls(keeperOf(store, 1), 4);
    await settle();
    expect(calls.running).toHaveLength(1);
    await store.update(({ gate }) => ({
      gate: setLimits(gate, { concurrency: 3 }),
      result: undefined,
    }));
    await settle();
    expect(calls.running).toHaveLength(3);
  });
});

describe('lease', () => {
  /** How many of two leases are left for a worker that wants both. */
  async function left(store: FakeGateStore): Promise<number> {
    const request = { worker: 'other', concurrency: 2, given: 0, returned: 0, wanted: 2 };
    return (await store.lease(request)).given;
  }

  it('a lease is kept by no worker while the gate is closed', async () => {
    const store = new FakeGateStore();
    const keeper = keeperOf(store, 2);
    const calls = new Calls(keeper, 5);
    await settle();
    await calls.end({ ...askedToWait, kind: 'account', code: '1102' });
    await calls.end();
    await settle();
    expect(calls.running).toHaveLength(0);
    expect(await left(store)).toBe(2);
  });

  it('a lease is returned with its pass, once', async () => {
    const store = new FakeGateStore();
    const keeper = keeperOf(store, 2);
    const pass = await keeper.enter(never);
    if (pass === null) throw new Error('gave up');
    await keeper.giveBack(pass);
    keeper.release(pass);
    await settle();
    expect(await left(store)).toBe(2);
  });

  it('a lease is not taken for rows that have left', async () => {
    const store = new FakeGateStore();
    const stopping = new AbortController();
    const calls = new Calls(keeperOf(store, 2), 3, stopping.signal);
    stopping.abort();
    await settle();
    expect(calls.turnedAway).toBe(3);
    expect(await left(store)).toBe(2);
  });

  it('a lease of a failed call is free only after the gate knows of the failure', async () => {
    const store = new FakeGateStore();
    const calls = new Calls(keeperOf(store, 1), 2);
    await settle();
    await calls.end(askedToWait);
    await settle();
    expect(calls.running).toHaveLength(0);
  });
});
