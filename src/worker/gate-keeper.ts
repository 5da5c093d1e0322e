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
import { type Gate, type GateLimits, type GatePolicy, openTimeMs } from '../lib/core/gate.ts';
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
  /** As this process was started with. */
  policy: GatePolicy;
  random: () => number;
  log: Logger;
}

/** Keeps this process's calls behind the gate that all processes share. */
export class GateKeeper {
  readonly #options: GateKeeperOptions;
  #policy: GatePolicy;
  #recalls = 0;
  /** Wakes the one caller who sleeps. */
  #wake: () => void = () => undefined;
  /** One caller at a time asks, first come, first served; the rest wait behind it. */
  #line: Promise<unknown> = Promise.resolve();

  constructor(options: GateKeeperOptions) {
    this.#options = options;
    this.#policy = options.policy;
  }

  /** What is in force here: this process's own policy until `followLimits` was called. */
  get policy(): GatePolicy {
    return this.#policy;
  }

  /** Calls that begin from now on keep to these limits. */
  followLimits(limits: GateLimits): void {
    this.#policy = { ...this.#policy, ...limits };
  }

  /** Waits for as long as it takes until a call may start; null when `signal` was aborted or `recall` called first. */
  async enter(signal: AbortSignal): Promise<Pass | null> {
    const recalls = this.#recalls;
    const turn = this.#line.then(() =>
      this.#wait(() => signal.aborted || recalls < this.#recalls, signal),
    );
    this.#line = turn.catch(() => undefined);
    return await turn;
  }

  /** Sends everyone who waits away with null: fewer may be here from now on, and the queue knows how many. */
  recall(): void {
    this.#recalls += 1;
    this.#wake();
  }

  async #wait(isOver: () => boolean, signal: AbortSignal): Promise<Pass | null> {
    while (!isOver()) {
      const answer = await this.#ask();
      if (answer.kind === 'pass') return answer.pass;
      if (isOver()) break;
      await this.#sleep(Math.min(answer.waitMs, LOOK_AGAIN_MS), signal);
    }
    return null;
  }

  async #ask(): Promise<Answer> {
    const decided = await this.#options.store.update(({ gate, nowMs }) => {
      const entry = enterGate(gate, this.#policy, nowMs);
      const next = entry.kind === 'pass' ? entry.gate : gate;
      return { gate: next, result: { entry, before: gate, next, nowMs } };
    });
    const { entry, before, next, nowMs } = decided;
    if (entry.kind === 'wait') return { kind: 'wait', waitMs: entry.untilMs - nowMs };
    this.#logChange(before, next, nowMs);
    const { isCanary, generation } = entry;
    return { kind: 'pass', pass: { isCanary, generation, openMs: openTimeMs(next, nowMs) } };
  }

  /** Ends early when the gate changes, when everyone is recalled or `signal` is aborted. */
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
      this.#wake = wake;
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
    const { store, random } = this.#options;
    const { isCanary, generation } = pass;
    const report: GateReport = { rowId, isCanary, generation, failure };
    await store
      .update(({ gate, nowMs }) => {
        const at = { policy: this.#policy, nowMs, random: random() };
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
