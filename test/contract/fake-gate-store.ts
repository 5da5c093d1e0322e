import { type Gate, newGate } from '../../src/lib/core/gate.ts';
import type { GateDecision, GateReading, GateStore } from '../../src/lib/gate/gate-store.ts';

/** A gate in memory. As with the real one, answers come later, and a decision is taken anew when another was quicker. */
export class FakeGateStore implements GateStore {
  readonly #clock: () => number;
  readonly #listeners = new Set<() => void>();
  #gate: Gate;
  /** As when the connection for notices is down. */
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
  (['mode', 'untilMs', 'canaryUntilMs', 'reducedLimit', 'overrides'] as const).some(
    (field) => before[field] !== after[field],
  );
