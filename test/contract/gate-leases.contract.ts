import { describe, expect, it, test } from 'vitest';
import { setLimits } from '../../src/lib/core/gate/decide-gate.ts';
import { currentConcurrency, type Gate } from '../../src/lib/core/gate/gate.ts';
import type { GateStore } from '../../src/lib/gate/gate-store.ts';
import type { OpenGateStores } from './open-gate-stores.ts';

/** A worker's side of the protocol. */
class Lessee {
  readonly #store: GateStore;
  readonly #concurrency: number;
  readonly name: string;
  given = 0;
  returned = 0;

  constructor(store: GateStore, name: string, concurrency: number) {
    this.#store = store;
    this.name = name;
    this.#concurrency = concurrency;
  }

  get held(): number {
    return this.given - this.returned;
  }

  /** Returns one and wants another. */
  async return(): Promise<void> {
    this.returned += 1;
    await this.want(1);
  }

  /** Asks for this many more than it has; returns how many it then has. */
  async want(more: number): Promise<number> {
    const reply = await this.#store.lease({
      worker: this.name,
      concurrency: this.#concurrency,
      given: this.given,
      returned: this.returned,
      wanted: this.given + more,
    });
    this.given = reply.given;
    return this.held;
  }
}

export function describeLeases(open: OpenGateStores): void {
  const openLessees = async (count: number, concurrency: number): Promise<Lessee[]> =>
    (await open(count)).map((store, index) => new Lessee(store, `w${index}`, concurrency));
  const openTwo = async (concurrency: number): Promise<[Lessee, Lessee]> => {
    const [one, other] = await openLessees(2, concurrency);
    if (one === undefined || other === undefined) throw new Error('no two stores were opened');
    return [one, other];
  };

  describe('leases', () => {
    it('leases are as many as calls may run at once, over all workers', async () => {
      const [one, other] = await openTwo(5);
      expect(await one.want(3)).toBe(3);
      expect(await other.want(4)).toBe(2);
      expect(await one.want(1)).toBe(3);
    });

    it('leases are counted over all workers', async () => {
      const [store] = await open(1);
      if (store === undefined) throw new Error('no store was opened');
      expect(await store.countCalls()).toBe(0);
      const [one, other] = [new Lessee(store, 'w1', 5), new Lessee(store, 'w2', 5)];
      await one.want(3);
      await other.want(1);
      await one.return();
      expect(await store.countCalls()).toBe(one.held + other.held);
    });

    it('leases come with the current gate', async () => {
      const [store] = await open(1);
      await store?.update(({ gate }) => ({ gate: { ...gate, pauseMs: 7 }, result: undefined }));
      const request = { worker: 'w', concurrency: 1, given: 0, returned: 0, wanted: 0 };
      const read = await store?.read();
      expect(await store?.lease(request)).toMatchObject({ gate: read?.gate, given: 0 });
    });

    it('leases that are returned go to workers that want them, and those workers are notified', async () => {
      const stores = await open(2);
      const [one, other] = stores.map((store, index) => new Lessee(store, `w${index}`, 2));
      if (one === undefined || other === undefined) throw new Error('no two stores were opened');
      await one.want(2);
      await other.want(2);
      const told = new Promise<void>((resolve) => stores[1]?.onGrant('w1', resolve));
      one.returned = 1;
      await one.want(0);
      await told;
      expect(await other.want(1)).toBe(1);
    });

    it('leases go to the worker with the fewest, so that none is left out', async () => {
      const [one, other] = await openTwo(4);
      await one.want(4);
      await other.want(4);
      for (let turn = 0; turn < 2; turn += 1) {
        one.returned += 1;
        await one.want(1);
      }
      await other.want(4);
      expect([one.held, other.held]).toEqual([2, 2]);
    });

    it('leases go round when there is one for several workers', async () => {
      const lessees = await openLessees(3, 1);
      for (const lessee of lessees) await lessee.want(1);
      const turns: (string | undefined)[] = [];
      while (turns.length < 6) {
        const caller = lessees.find(({ held }) => held > 0);
        turns.push(caller?.name);
        await caller?.return();
        for (const lessee of lessees) await lessee.want(1);
      }
      expect(turns).toEqual(['w0', 'w1', 'w2', 'w0', 'w1', 'w2']);
    });

    it('leases are neither doubled nor lost when a request is repeated or its answer lost', async () => {
      const [one, other] = await openTwo(3);
      await one.want(2);
      one.given = 0;
      expect(await one.want(2)).toBe(2);
      one.returned = 1;
      await one.want(0);
      await one.want(0);
      expect(await other.want(3)).toBe(2);
    });

    it('leases never exceed the limit, whoever asks at the same time', async () => {
      const lessees = await openLessees(2, 7);
      await Promise.all(lessees.flatMap((lessee) => [lessee.want(5), lessee.want(5)]));
      expect(lessees.reduce((sum, { held }) => sum + held, 0)).toBe(7);
    });

    it('leases of a worker that the store has forgotten count again when it reports', async () => {
      const [one, other] = await openTwo(4);
      Object.assign(one, { given: 103, returned: 100 });
      expect(await one.want(0)).toBe(3);
      expect(await other.want(4)).toBe(1);
    });

    it('leases are not taken away when the limit drops, but no new one is given', async () => {
      const stores = await open(1);
      const [store] = stores;
      if (store === undefined) throw new Error('no store was opened');
      const one = new Lessee(store, 'w', 4);
      await one.want(4);
      await store.update(({ gate }) => ({
        gate: setLimits(gate, { concurrency: 2 }),
        result: undefined,
      }));
      one.returned = 2;
      expect(await one.want(2)).toBe(2);
      one.returned = 3;
      expect(await one.want(2)).toBe(2);
    });

    test.each<[what: string, change: (gate: Gate) => Gate]>([
      ['nothing', (gate) => gate],
      ['throttling', (gate) => ({ ...gate, reducedLimit: 3 })],
      ['gate set', (gate) => setLimits(gate, { concurrency: 9 })],
      ['both', (gate) => ({ ...setLimits(gate, { concurrency: 9 }), reducedLimit: 4 })],
      ['a limit above it', (gate) => ({ ...setLimits(gate, { concurrency: 2 }), reducedLimit: 8 })],
    ])('leases follow the gate after %s', async (_what, change) => {
      const [store] = await open(1);
      if (store === undefined) throw new Error('no store was opened');
      await store.update(({ gate }) => ({ gate: change(gate), result: undefined }));
      const { gate } = await store.read();
      const allowed = currentConcurrency(gate, {
        concurrency: 6,
        ratePerSecond: 0,
        sessionsPerDay: 0,
      });
      expect(await new Lessee(store, 'w', 6).want(100)).toBe(allowed);
    });
  });
}
