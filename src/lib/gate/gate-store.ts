import type { Gate } from '../core/gate/gate.ts';

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

/**
 * What a worker has of the calls that may run at once, and wants. All are totals since it started, which makes it
 * harmless when a request or an answer gets lost.
 */
export interface LeaseRequest {
  worker: string;
  /** Calls at once as this worker knows it; what the gate says of it goes before. */
  concurrency: number;
  /** Leases it was given, as far as it has heard. */
  given: number;
  returned: number;
  /** What `given` will be when it has all it wants. */
  wanted: number;
}

/** A worker that is silent for longer loses its leases. */
export const LEASE_MS = 8_000;

/** One gate for all workers on all machines. Connection errors are thrown. */
export interface GateStore {
  read(): Promise<GateReading>;
  /**
   * Applies a pure decision atomically: `decide` runs again whenever another process was quicker. Nothing is
   * written when it returns the gate that it was given.
   */
  update<T>(decide: (reading: GateReading) => GateDecision<T>): Promise<T>;
  /**
   * Takes and returns leases, one for each call that runs: never more at once than the gate allows when they are
   * given. To be repeated within `LEASE_MS`. Of workers that want more, the one with the fewest goes first.
   */
  lease(request: LeaseRequest): Promise<GateReading & { given: number }>;
  /** Has every listener look again, here and elsewhere, as if the gate had changed. */
  announce(): Promise<void>;
  /** Calls `listener` after changes that waiting callers care about, own ones included. Returns the way to stop. */
  onChange(listener: () => void): () => void;
  /** Calls `listener` when others have returned what `worker` wanted, and it was given that. Returns the way to stop. */
  onGrant(worker: string, listener: () => void): () => void;
}
