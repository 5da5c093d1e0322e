import type { Gate } from '../core/gate/gate.ts';

/** The gate as it was read, with the time of the shared clock. */
export interface GateReading {
  gate: Gate;
  nowMs: number;
}

/** The result of a decision: the next gate, and anything else the caller wants to know. */
export interface GateDecision<T> {
  gate: Gate;
  result: T;
}

/**
 * How many of the calls that may run at once a worker has, and how many it wants. All numbers are totals since its
 * start, so a lost request or answer does no harm.
 */
export interface LeaseRequest {
  worker: string;
  /** Calls at once as this worker knows it; the gate's own value takes precedence. */
  concurrency: number;
  /** Leases that it was given, as far as it knows. */
  given: number;
  returned: number;
  /** The value of `given` once it has all it wants. */
  wanted: number;
}

/** A worker that is silent for longer loses its leases. */
export const LEASE_MS = 8_000;

/** One gate for all workers on all machines. Connection errors are thrown. */
export interface GateStore {
  read(): Promise<GateReading>;
  /**
   * Applies a pure decision atomically: `decide` runs again whenever another process was quicker. Nothing is written
   * if it returns the same gate.
   */
  update<T>(decide: (reading: GateReading) => GateDecision<T>): Promise<T>;
  /**
   * Takes and returns leases, one for each call under way, never more at once than the gate allows at that moment.
   * Must be repeated within `LEASE_MS`. Of the workers that want more, the one with the fewest goes first.
   */
  lease(request: LeaseRequest): Promise<GateReading & { given: number }>;
  /** Calls under way in all workers that reported lately. */
  countCalls(): Promise<number>;
  /** Makes every listener look again, in all processes, as if the gate had changed. */
  announce(): Promise<void>;
  /**
   * Calls `listener` after changes that matter to waiting calls, including this process's own. Returns the function
   * that stops it.
   */
  onChange(listener: () => void): () => void;
  /** Calls `listener` when `worker` was given leases that others returned. Returns the function that stops it. */
  onGrant(worker: string, listener: () => void): () => void;
}
