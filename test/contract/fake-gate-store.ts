import { currentConcurrency, type Gate, newGate } from '../../src/lib/core/gate/gate.ts';
import {
  type GateDecision,
  type GateReading,
  type GateStore,
  LEASE_MS,
  type LeaseRequest,
} from '../../src/lib/gate/gate-store.ts';

interface Lessee extends Pick<LeaseRequest, 'given' | 'returned' | 'wanted'> {
  turn: number;
  untilMs: number;
}

/** A gate in memory. Like the real one, it answers later, and decides again if another process was faster. */
export class FakeGateStore implements GateStore {
  readonly #clock: () => number;
  readonly #listeners = new Set<() => void>();
  readonly #grantListeners = new Map<string, () => void>();
  readonly #lessees = new Map<string, Lessee>();
  #turn = 0;
  #gate: Gate;
  /** As when the connection for messages is down. */
  losesNotices = false;

  /** `clock` plays the shared clock. */
  constructor(clock: () => number = Date.now) {
    this.#clock = clock;
    this.#gate = newGate(clock());
  }

  async read(): Promise<GateReading> {
    await nextTurn();
    return { gate: this.#gate, nowMs: this.#clock() };
  }

  async update<T>(decide: (reading: GateReading) => GateDecision<T>): Promise<T> {
    for (;;) {
      const reading = await this.read();
      const { gate, result } = decide(reading);
      await nextTurn();
      if (gate === reading.gate) return result;
      if (this.#gate !== reading.gate) continue;
      this.#gate = gate;
      if (isNewsworthy(reading.gate, gate)) this.#tell();
      return result;
    }
  }

  async lease(request: LeaseRequest): Promise<GateReading & { given: number }> {
    await nextTurn();
    const nowMs = this.#clock();
    const { worker, returned, wanted } = request;
    for (const [id, { untilMs }] of this.#lessees) {
      if (untilMs <= nowMs && id !== worker) this.#lessees.delete(id);
    }
    const known = this.#lessees.get(worker) ?? { given: 0, turn: 0 };
    const given = Math.max(known.given, request.given);
    const lessee = { ...known, given, returned, wanted, untilMs: nowMs + LEASE_MS };
    this.#lessees.set(worker, lessee);
    const told = this.#giveOut(
      currentConcurrency(this.#gate, { ...request, ratePerSecond: 0, sessionsPerDay: 0 }),
    );
    const reading = { gate: this.#gate, nowMs, given: lessee.given };
    for (const id of told)
      if (id !== worker && !this.losesNotices) this.#grantListeners.get(id)?.();
    await nextTurn();
    return reading;
  }

  async countCalls(): Promise<number> {
    await nextTurn();
    const heard = [...this.#lessees.values()].filter(({ untilMs }) => untilMs > this.#clock());
    return heard.reduce((sum, { given, returned }) => sum + given - returned, 0);
  }

  /** Returns the workers that got a lease. */
  #giveOut(limit: number): Set<string> {
    const told = new Set<string>();
    const has = ({ given, returned }: Lessee): number => given - returned;
    for (;;) {
      const all = [...this.#lessees];
      const held = all.reduce((sum, [, lessee]) => sum + has(lessee), 0);
      const [next] = all
        .filter(([, { given, wanted }]) => wanted > given)
        .sort(([, a], [, b]) => has(a) - has(b) || a.turn - b.turn);
      if (held >= limit || next === undefined) return told;
      const [id, lessee] = next;
      this.#turn += 1;
      lessee.turn = this.#turn;
      lessee.given += 1;
      told.add(id);
    }
  }

  onGrant(worker: string, listener: () => void): () => void {
    this.#grantListeners.set(worker, listener);
    return () => this.#grantListeners.delete(worker);
  }

  async announce(): Promise<void> {
    this.#tell();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    if (this.losesNotices) return;
    for (const listener of this.#listeners) listener();
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }
}

const nextTurn = (): Promise<void> => Promise.resolve();

const isNewsworthy = (before: Gate, after: Gate): boolean =>
  (['mode', 'untilMs', 'trialCallUntilMs', 'reducedLimit', 'overrides'] as const).some(
    (field) => before[field] !== after[field],
  );
