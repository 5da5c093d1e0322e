import { describe, expect, it, test } from 'vitest';
import { enterGate, setLimits, tryNow } from '../../src/lib/core/gate/decide-gate.ts';
import type { Gate } from '../../src/lib/core/gate/gate.ts';
import type { GateStore } from '../../src/lib/gate/gate-store.ts';
import { describeLeases } from './gate-leases.contract.ts';
import type { OpenGateStores } from './open-gate-stores.ts';

const put = (store: GateStore, change: (gate: Gate) => Gate): Promise<void> =>
  store.update(({ gate }) => ({ gate: change(gate), result: undefined }));

const blocked = (gate: Gate): Gate => ({
  ...gate,
  mode: 'blocked',
  untilMs: 4_000_000_000_000,
  needsTrialCall: true,
  cause: { kind: 'account', code: '1102', message: 'used up, 额度不足' },
});

export function describeGateStore(name: string, open: OpenGateStores): void {
  const openOne = async (): Promise<GateStore> => {
    const [store] = await open(1);
    if (store === undefined) throw new Error('no store was opened');
    return store;
  };
  const openTwo = async (): Promise<[GateStore, GateStore]> => {
    const [one, other] = await open(2);
    if (one === undefined || other === undefined) throw new Error('no two stores were opened');
    return [one, other];
  };

  describe(name, () => {
    it('the store starts with an open gate', async () => {
      const { gate, nowMs } = await (await openOne()).read();
      expect(gate).toMatchObject({ mode: 'open', generation: 0, reducedLimit: null });
      expect(gate.sinceMs).toBeLessThanOrEqual(nowMs);
    });

    it('the store returns every field of the gate as it was written', async () => {
      const [one, other] = await openTwo();
      const full: Gate = {
        mode: 'closed',
        sinceMs: 1,
        untilMs: 2,
        cause: { kind: 'throttled', code: '1302', message: 'too many "calls"\n太多' },
        pauseMs: 3,
        needsTrialCall: true,
        trialCallUntilMs: 4,
        generation: 5,
        recentClosingsMs: [6, 7],
        throttledSinceMs: 8,
        failingRows: ['b-1', 'b-2'],
        reducedLimit: 9,
        cleanAnswers: 10,
        nextCallMs: 11.5,
        openTotalMs: 12,
        overrides: { concurrency: 13, ratePerSecond: 1.5, sessionsPerDay: 500 },
      };
      await put(one, () => full);
      expect((await other.read()).gate).toEqual(full);
    });

    it('an update of the gate returns what the decision returns', async () => {
      const store = await openOne();
      const result = await store.update(({ gate }) => ({ gate, result: gate.mode }));
      expect(result).toBe('open');
    });

    it('an update of the gate throws what the decision throws, and leaves the gate unchanged', async () => {
      const store = await openOne();
      await put(store, blocked);
      const broken = store.update(() => {
        throw new Error('no decision');
      });
      await expect(broken).rejects.toThrow('no decision');
      expect((await store.read()).gate.mode).toBe('blocked');
    });

    it('the clock of the store does not go backwards', async () => {
      const [one, other] = await openTwo();
      const first = await one.read();
      const second = await other.read();
      expect(second.nowMs).toBeGreaterThanOrEqual(first.nowMs);
    });

    it('the store loses none of 200 changes that race from two sides', async () => {
      const stores = await openTwo();
      const count = (store: GateStore) =>
        put(store, (gate) => ({ ...gate, cleanAnswers: gate.cleanAnswers + 1 }));
      const changes = Array.from({ length: 100 }, () => stores.map(count)).flat();
      await Promise.all(changes);
      const { gate } = await stores[0].read();
      expect(gate.cleanAnswers).toBe(200);
    });

    it('the store lets one trial call through, however many workers ask from two sides', async () => {
      const stores = await openTwo();
      await put(stores[0], (gate) => ({ ...blocked(gate), untilMs: 0 }));
      const policy = {
        concurrency: 5,
        ratePerSecond: 0,
        sessionsPerDay: 0,
        throttlePauseMs: 10_000,
        blockedPauseMs: 60_000,
        throttleLimitMs: 1,
      };
      const ask = (store: GateStore): Promise<string> =>
        store.update(({ gate, nowMs }) => {
          const entry = enterGate(gate, policy, nowMs);
          return { gate: entry.kind === 'pass' ? entry.gate : gate, result: entry.kind };
        });
      const entries = await Promise.all(Array.from({ length: 10 }, () => stores.map(ask)).flat());
      expect(entries.filter((kind) => kind === 'pass')).toHaveLength(1);
    });

    describeLeases(open);

    describe('publishes', () => {
      const nothing = (gate: Gate): Gate => gate;

      test.each<[what: string, before: (gate: Gate) => Gate, change: (gate: Gate) => Gate]>([
        ['a blocking', nothing, blocked],
        ['an opening', blocked, (gate) => ({ ...gate, mode: 'open', untilMs: null })],
        ['a longer wait', blocked, (gate) => ({ ...gate, untilMs: 5_000_000_000_000 })],
        ['gate open', blocked, (gate) => tryNow(gate, 1)],
        ['a trial call', blocked, (gate) => ({ ...gate, trialCallUntilMs: 1 })],
        ['less concurrency', nothing, (gate) => ({ ...gate, reducedLimit: 3 })],
        ['gate set', nothing, (gate) => setLimits(gate, { ratePerSecond: 3 })],
      ])('the store publishes %s, to both sides', async (_what, before, change) => {
        const stores = await openTwo();
        await put(stores[0], before);
        const heard = stores.map((store) => nextChange(store));
        await put(stores[0], change);
        await expect(Promise.all(heard)).resolves.toHaveLength(2);
      });

      test.each<[what: string, change: (gate: Gate) => Gate]>([
        ['the pace', (gate) => ({ ...gate, nextCallMs: 5 })],
        ['a clean answer', (gate) => ({ ...gate, cleanAnswers: 5 })],
        ['a failing row', (gate) => ({ ...gate, failingRows: ['b-1'] })],
        ['no change at all', (gate) => gate],
      ])('nothing like %s', async (_what, change) => {
        const stores = await openTwo();
        let tidings = 0;
        stores[1].onChange(() => {
          tidings += 1;
        });
        await put(stores[0], change);
        // Messages arrive in order: the first would have come before the second.
        const heard = nextChange(stores[1]);
        await put(stores[0], blocked);
        await heard;
        expect(tidings).toBe(1);
      });

      it('nothing more to a listener that has stopped', async () => {
        const store = await openOne();
        let tidings = 0;
        const stop = store.onChange(() => {
          tidings += 1;
        });
        stop();
        const heard = nextChange(store);
        await put(store, blocked);
        await heard;
        expect(tidings).toBe(0);
      });
    });
  });
}

function nextChange(store: GateStore): Promise<void> {
  return new Promise((resolve) => {
    const stop = store.onChange(() => {
      stop();
      resolve();
    });
  });
}
