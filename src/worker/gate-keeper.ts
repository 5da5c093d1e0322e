import type { Logger } from 'pino';
import type { ApiFailure } from '../lib/core/api-failure.ts';
import {
  CANARY_LEASE_MS,
  enterGate,
  type GateReport,
  renewCanary,
  reportToGate,
} from '../lib/core/decide-gate.ts';
import { explainGate } from '../lib/core/explain-gate.ts';
import { type Gate, type GatePolicy, openTimeMs } from '../lib/core/gate.ts';
import type { GateStore } from '../lib/gate/gate-store.ts';

/** The right to make one call. */
export interface Pass {
  isCanary: boolean;
  generation: number;
  /** The gate's open time so far: the clock of the row deadline. */
  openMs: number;
}

type Answer = { kind: 'pass'; pass: Pass } | { kind: 'wait'; waitMs: number };

/** Notices of changes may get lost with a connection; so a waiting call looks again after this at the latest. */
const LOOK_AGAIN_MS = 5_000;

interface GateKeeperOptions {
  store: GateStore;
  policy: GatePolicy;
  random: () => number;
  log: Logger;
}

/** Keeps this process's calls behind the gate that all processes share. */
export class GateKeeper {
  readonly #options: GateKeeperOptions;
  /** One caller at a time asks, first come, first served; the rest wait behind it. */
  #line: Promise<unknown> = Promise.resolve();

  constructor(options: GateKeeperOptions) {
    this.#options = options;
  }

  /** Waits for as long as it takes until a call may start; null when `signal` was aborted first. */
  async enter(signal: AbortSignal): Promise<Pass | null> {
    const turn = this.#line.then(() => this.#wait(signal));
    this.#line = turn.catch(() => undefined);
    return await turn;
  }

  async #wait(signal: AbortSignal): Promise<Pass | null> {
    while (!signal.aborted) {
      const answer = await this.#ask();
      if (answer.kind === 'pass') return answer.pass;
      await this.#sleep(Math.min(answer.waitMs, LOOK_AGAIN_MS), signal);
    }
    return null;
  }

  async #ask(): Promise<Answer> {
    const { store, policy } = this.#options;
    return await store.update<Answer>(({ gate, nowMs }) => {
      const entry = enterGate(gate, policy, nowMs);
      if (entry.kind === 'wait') {
        return { gate, result: { kind: 'wait', waitMs: entry.untilMs - nowMs } };
      }
      const { isCanary, generation } = entry;
      const pass = { isCanary, generation, openMs: openTimeMs(entry.gate, nowMs) };
      return { gate: entry.gate, result: { kind: 'pass', pass } };
    });
  }

  /** Ends early when the gate changes or `signal` is aborted. */
  async #sleep(durationMs: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        stopListening();
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.max(1, durationMs));
      const stopListening = this.#options.store.onChange(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  /** Runs the call of a pass; a canary's place is renewed meanwhile. */
  async during<T>(pass: Pass, call: () => Promise<T>): Promise<T> {
    if (!pass.isCanary) return await call();
    const renewal = setInterval(() => {
      this.#options.store
        .update(({ gate, nowMs }) => ({
          gate: renewCanary(gate, pass.generation, nowMs),
          result: undefined,
        }))
        .catch(() => undefined);
    }, CANARY_LEASE_MS / 3);
    try {
      return await call();
    } finally {
      clearInterval(renewal);
    }
  }

  /** Tells the gate how a call ended; `failure` is null when the API worked. */
  async report(pass: Pass, rowId: string, failure: ApiFailure | null): Promise<void> {
    const { store, policy, random } = this.#options;
    const { isCanary, generation } = pass;
    const report: GateReport = { rowId, isCanary, generation, failure };
    await store
      .update(({ gate, nowMs }) => {
        const at = { policy, nowMs, random: random() };
        const next = reportToGate(gate, report, at);
        return { gate: next, result: () => this.#logChange(gate, next, nowMs) };
      })
      .then((logChange) => logChange());
  }

  /** Gives back a pass that no call was made with. */
  async giveBack(pass: Pass): Promise<void> {
    if (!pass.isCanary) return;
    await this.#options.store.update(({ gate }) => ({
      gate: gate.generation === pass.generation ? { ...gate, canaryUntilMs: null } : gate,
      result: undefined,
    }));
  }

  /** One line for the whole event, by the process whose answer caused it. */
  #logChange(before: Gate, after: Gate, nowMs: number): void {
    const isNews =
      before.mode !== after.mode ||
      (before.generation !== after.generation && after.mode !== 'open');
    if (!isNews) return;
    const fields = { sentence: explainGate(after, nowMs), cause: after.cause ?? undefined };
    if (after.mode === 'open') this.#options.log.info(fields, 'gate opened');
    else if (after.mode === 'closed') this.#options.log.warn(fields, 'gate closed');
    else if (before.mode === 'blocked') this.#options.log.warn(fields, 'canary failed');
    else this.#options.log.error(fields, 'gate blocked');
  }
}
