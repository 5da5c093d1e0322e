import type { ApiFailure, ApiFailureKind } from '../../../../../src/lib/core/answer/api-failure.ts';
import {
  type Entry,
  enterGate,
  reportToGate,
} from '../../../../../src/lib/core/gate/decide-gate.ts';
import { type Gate, type GatePolicy, newGate } from '../../../../../src/lib/core/gate/gate.ts';

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;

export type Pass = Extract<Entry, { kind: 'pass' }>;

export function failure(kind: ApiFailureKind, others: Partial<ApiFailure> = {}): ApiFailure {
  const plain = { code: 'c', message: 'words', httpStatus: null, requestId: null };
  return { kind, ...plain, retryAfterMs: null, ...others };
}

/** One gate, one clock, and calls that the test makes one after the other. Without jitter by default. */
export class GateStory {
  readonly policy: GatePolicy;
  gate: Gate = newGate(0);
  nowMs = 0;
  random = 0;
  #rows = 0;

  constructor(policy: Partial<GatePolicy> = {}) {
    const limits = {
      concurrency: 20,
      ratePerSecond: 0,
      sessionsPerDay: 0,
      throttleLimitMs: 15 * MINUTE_MS,
    };
    const pauses = { throttlePauseMs: 10_000, blockedPauseMs: MINUTE_MS };
    this.policy = { ...limits, ...pauses, ...policy };
  }

  /** How long the gate stays shut from now on. */
  get pauseMs(): number {
    return (this.gate.untilMs ?? this.nowMs) - this.nowMs;
  }

  pass(ms: number): void {
    this.nowMs += ms;
  }

  ask(): Entry {
    const entry = enterGate(this.gate, this.policy, this.nowMs);
    if (entry.kind === 'pass') this.gate = entry.gate;
    return entry;
  }

  begin(): Pass {
    const entry = this.ask();
    if (entry.kind === 'wait') throw new Error(`shut until ${entry.untilMs}, it is ${this.nowMs}`);
    return entry;
  }

  begins(count: number): Pass[] {
    return Array.from({ length: count }, () => this.begin());
  }

  /** Ends a call; null is a success. By default every call is another row's. */
  end(pass: Pass, answer: ApiFailure | null, rowId = `row-${++this.#rows}`): void {
    const report = {
      rowId,
      isTrialCall: pass.isTrialCall,
      generation: pass.generation,
      failure: answer,
    };
    const { policy, nowMs, random } = this;
    this.gate = reportToGate(this.gate, report, { policy, nowMs, random });
  }

  call(answer: ApiFailure | null, rowId?: string): void {
    this.end(this.begin(), answer, rowId);
  }

  calls(count: number, answer: ApiFailure | null): void {
    for (let i = 0; i < count; i += 1) this.call(answer);
  }

  /** Lets the present pause go by. */
  sitOut(): void {
    this.pass(Math.max(0, this.pauseMs));
  }
}
