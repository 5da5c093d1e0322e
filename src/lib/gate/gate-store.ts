import type { Gate } from '../core/gate.ts';

/** The gate as it was read, with the shared clock. */
export interface GateReading {
  gate: Gate;
  nowMs: number;
}

/** What a decision makes of the gate: the next gate, and whatever the caller wants to know of it. */
export interface GateDecision<T> {
  gate: Gate;
  result: T;
}

/** One gate for all workers on all machines. Connection errors are thrown. */
export interface GateStore {
  read(): Promise<GateReading>;
  /**
   * Applies a pure decision atomically: `decide` runs again whenever somebody else was quicker. Nothing is
   * written when it returns the gate that it was given.
   */
  update<T>(decide: (reading: GateReading) => GateDecision<T>): Promise<T>;
  /** Has every listener look again, here and elsewhere, as if the gate had changed. */
  announce(): Promise<void>;
  /** Calls `listener` after changes that waiting callers care about, own ones included. Returns the way to stop. */
  onChange(listener: () => void): () => void;
}
