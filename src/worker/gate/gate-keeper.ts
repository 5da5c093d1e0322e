import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { ApiFailure } from '../../lib/core/answer/api-failure.ts';
import { closeForDay, reopenForDay } from '../../lib/core/gate/day-limit.ts';
import {
  enterGate,
  type GateReport,
  renewTrialCall,
  reportToGate,
  TRIAL_CALL_LEASE_MS,
} from '../../lib/core/gate/decide-gate.ts';
import {
  type Gate,
  type GateLimits,
  type GatePolicy,
  limitsInForce,
  openTimeMs,
} from '../../lib/core/gate/gate.ts';
import { type GateReading, type GateStore, LEASE_MS } from '../../lib/gate/gate-store.ts';
import { logGateChange } from './gate-log.ts';
import { LeaseAccount } from './lease-account.ts';
import { WaitingLine } from './waiting-line.ts';

/** The right to make one call. */
export interface Pass {
  isTrialCall: boolean;
  generation: number;
  /** The gate's open time so far, which is the clock of the row deadline. */
  openMs: number;
  /** Sessions that all workers together may open in a day; 0 is no limit. */
  sessionsPerDay: number;
}

type Admission =
  | { kind: 'pass'; pass: Pass; reading: GateReading }
  | { kind: 'wait'; waitMs: number };

/**
 * The message about a change may be lost with a connection. So a waiting call looks again after this time at the
 * latest.
 */
const LOOK_AGAIN_MS = 5_000;
/** Three renewals may fail before the leases are lost. */
const RENEW_MS = LEASE_MS / 4;

interface GateKeeperOptions {
  store: GateStore;
  /** The policy that this process was started with. */
  policy: GatePolicy;
  random: () => number;
  log: Logger;
}

interface Success {
  report: GateReport;
  settle: () => void;
  fail: (error: unknown) => void;
}

/**
 * Keeps the calls of this process behind the gate that all processes share, and takes a lease for each call. It sends
 * one request to the store at a time, for all waiting rows and all calls that have ended meanwhile.
 */
export class GateKeeper {
  readonly #options: GateKeeperOptions;
  readonly #name = randomUUID();
  readonly #line = new WaitingLine<Pass>();
  readonly #leases = new LeaseAccount();
  /** Passes whose call has not ended. */
  readonly #passes = new Set<Pass>();
  #successes: Success[] = [];
  #policy: GatePolicy;
  /** A request has to be sent. */
  #isDue = false;
  #isAsking = false;
  /** The gate lets calls through one at a time, or none. */
  #isNarrow = false;
  #stopResting: (() => void) | null = null;
  #stopListening: (() => void) | null = null;
  #renewal: NodeJS.Timeout | null = null;

  constructor(options: GateKeeperOptions) {
    this.#options = options;
    this.#policy = options.policy;
    options.store.onGrant(this.#name, () => this.#serve());
  }

  /** The limits in force here: this process's own policy until `followLimits` is called. */
  get policy(): GatePolicy {
    return this.#policy;
  }

  /** Whether calls wait only for a free lease, as far as this process knows: the gate is open and sets no pace. */
  get isWide(): boolean {
    return !this.#isNarrow;
  }

  /** Calls that begin from now on respect these limits. */
  followLimits(limits: GateLimits): void {
    this.#policy = { ...this.#policy, ...limits };
  }

  /**
   * Waits until a call may start, however long that takes; null when `signal` was aborted or `recall` was called
   * first.
   */
  async enter(signal: AbortSignal): Promise<Pass | null> {
    if (signal.aborted) return null;
    const turn = this.#line.join(signal);
    this.#stopListening ??= this.#options.store.onChange(() => this.#lookAgain());
    if (this.#stopResting === null) this.#serve();
    try {
      return await turn;
    } finally {
      if (this.#line.length === 0) this.#stopWaiting();
    }
  }

  /** Ends every wait with null, because this process may now hold fewer rows; the queue knows how many. */
  recall(): void {
    this.#line.sendAllAway();
  }

  /** Ends a pass. Once is enough; repeating it does no harm. */
  release(pass: Pass): void {
    if (!this.#passes.delete(pass)) return;
    this.#leases.return();
    this.#serve();
  }

  /** Runs the call of a pass. A trial call renews its place meanwhile. */
  async during<T>(pass: Pass, call: () => Promise<T>): Promise<T> {
    if (!pass.isTrialCall) return await call();
    const renewal = setInterval(() => {
      this.#options.store
        .update(({ gate, nowMs }) => ({
          gate: renewTrialCall(gate, pass.generation, nowMs),
          result: undefined,
        }))
        .catch(() => undefined);
    }, TRIAL_CALL_LEASE_MS / 3);
    try {
      return await call();
    } finally {
      clearInterval(renewal);
    }
  }

  /** Reports to the gate how a call ended, and ends its pass. `failure` is null when the API worked. */
  async report(pass: Pass, rowId: string, failure: ApiFailure | null): Promise<void> {
    const { isTrialCall, generation } = pass;
    const report: GateReport = { rowId, isTrialCall, generation, failure };
    if (failure === null) {
      // Reported with the next request, which returns the lease.
      const told = new Promise<void>((settle, fail) => {
        this.#successes.push({ report, settle, fail });
      });
      if (this.#passes.has(pass)) this.release(pass);
      else this.#serve();
      await told;
      return;
    }
    // A failure may close the gate, so the next call waits for the report.
    await this.#tell([report]);
    this.release(pass);
  }

  /** Returns a pass without a call. */
  async giveBack(pass: Pass): Promise<void> {
    if (pass.isTrialCall) {
      await this.#options.store.update(({ gate }) => ({
        gate: gate.generation === pass.generation ? { ...gate, trialCallUntilMs: null } : gate,
        result: undefined,
      }));
    }
    this.release(pass);
  }

  /** The sessions of the day are used up: no call starts before the day ends. */
  async closeForDay(perDay: number, untilMs: number): Promise<void> {
    await this.#change(({ gate, nowMs }) => closeForDay(gate, { perDay, untilMs, nowMs }));
  }

  /** A session of the day was given back, so one more call may start. */
  async reopenForDay(): Promise<void> {
    await this.#change(({ gate }) => reopenForDay(gate));
  }

  /** Stores what `decide` makes of the gate, and logs it. Resolves to the gate as it is after that. */
  async #change(decide: (reading: GateReading) => Gate): Promise<GateReading> {
    const { before, ...after } = await this.#options.store.update((reading) => {
      const gate = decide(reading);
      return { gate, result: { before: reading.gate, gate, nowMs: reading.nowMs } };
    });
    logGateChange(this.#options.log, before, after);
    return after;
  }

  /** Sends a request now, or one more after the present one is answered. */
  #serve(): void {
    this.#isDue = true;
    if (!this.#isAsking) void this.#serveWhileDue();
  }

  async #serveWhileDue(): Promise<void> {
    this.#isAsking = true;
    this.#renewal ??= setInterval(() => this.#renew(), RENEW_MS).unref();
    while (this.#isDue) {
      this.#isDue = false;
      const successes = this.#successes;
      this.#successes = [];
      try {
        const reading = await this.#ask();
        await this.#admit(await this.#settle(successes, reading));
      } catch (error) {
        for (const { fail } of successes) fail(error);
        this.#line.failNext(error);
        this.#isDue ||= this.#line.length > 0;
      }
    }
    this.#isAsking = false;
  }

  async #ask(): Promise<GateReading> {
    const { given, returned, spare } = this.#leases;
    const waiting = this.#stopResting === null ? this.#line.length : 0;
    const wanted = given - spare + (this.#isNarrow ? Math.min(1, waiting) : waiting);
    const request = { worker: this.#name, given, returned, wanted };
    const { concurrency } = this.#policy;
    const reading = await this.#options.store.lease({ ...request, concurrency });
    this.#leases.hearGiven(reading.given);
    return reading;
  }

  /** Reports successes if they make a difference. Resolves to the gate as it is after that. */
  async #settle(successes: Success[], reading: GateReading): Promise<GateReading> {
    const reports = successes.map(({ report }) => report);
    const isNews = this.#judge(reading, reports) !== reading.gate;
    const after = isNews ? await this.#tell(reports) : reading;
    for (const { settle } of successes) settle();
    return after;
  }

  async #tell(reports: readonly GateReport[]): Promise<GateReading> {
    return await this.#change((reading) => this.#judge(reading, reports));
  }

  #judge({ gate, nowMs }: GateReading, reports: readonly GateReport[]): Gate {
    const at = { policy: this.#policy, nowMs, random: this.#options.random() };
    return reports.reduce((before, report) => reportToGate(before, report, at), gate);
  }

  /** Lets rows through that may call now, and returns the leases that are left. A closed gate keeps no leases. */
  async #admit(reading: GateReading): Promise<void> {
    let present = reading;
    const { inUse } = this.#leases;
    while (this.#leases.spare > 0 && this.#line.length > 0) {
      const admission = await this.#enterGate(present);
      if (admission.kind === 'wait') {
        this.#rest(admission.waitMs);
        break;
      }
      present = admission.reading;
      this.#begin(admission.pass);
    }
    const { gate } = present;
    const isPaced = limitsInForce(gate, this.#policy).ratePerSecond > 0;
    const mayWantMore = this.#isNarrow && this.#leases.inUse > inUse && this.#line.length > 0;
    this.#isNarrow = isPaced || gate.mode !== 'open';
    if (this.#leases.returnSpare() || mayWantMore) this.#isDue = true;
  }

  /** Without a row in the line the pass would be lost, and it may be the trial call's pass. */
  #begin(pass: Pass): void {
    this.#leases.use();
    this.#passes.add(pass);
    if (this.#line.length > 0) this.#line.callNext(pass);
    else this.giveBack(pass).catch(() => undefined);
  }

  async #enterGate(reading: GateReading): Promise<Admission> {
    const entry = enterGate(reading.gate, this.#policy, reading.nowMs);
    if (entry.kind === 'wait') return { kind: 'wait', waitMs: entry.untilMs - reading.nowMs };
    if (entry.gate === reading.gate) return this.#admission(entry, reading);
    // A pass that changes the gate is valid only once the change is stored.
    const { store } = this.#options;
    const stored = await store.update(({ gate, nowMs }) => {
      const decided = enterGate(gate, this.#policy, nowMs);
      const next = decided.kind === 'pass' ? decided.gate : gate;
      return { gate: next, result: { decided, before: gate, after: { gate: next, nowMs } } };
    });
    const { decided, before, after } = stored;
    if (decided.kind === 'wait') return { kind: 'wait', waitMs: decided.untilMs - after.nowMs };
    logGateChange(this.#options.log, before, after);
    return this.#admission(decided, after);
  }

  #admission(
    { isTrialCall, generation }: { isTrialCall: boolean; generation: number },
    reading: GateReading,
  ): Admission {
    const { gate, nowMs } = reading;
    const { sessionsPerDay } = limitsInForce(gate, this.#policy);
    const pass = { isTrialCall, generation, openMs: openTimeMs(gate, nowMs), sessionsPerDay };
    return { kind: 'pass', pass, reading };
  }

  /** Sends no requests for a while, unless something has changed since the gate was read. */
  #rest(durationMs: number): void {
    if (this.#isDue) return;
    const timer = setTimeout(
      () => this.#lookAgain(),
      Math.max(1, Math.min(durationMs, LOOK_AGAIN_MS)),
    );
    this.#stopResting = () => clearTimeout(timer);
  }

  #lookAgain(): void {
    this.#stopResting?.();
    this.#stopResting = null;
    this.#serve();
  }

  #stopWaiting(): void {
    this.#stopResting?.();
    this.#stopResting = null;
    this.#stopListening?.();
    this.#stopListening = null;
  }

  /** Leases last only while their worker renews them, and messages about new ones may get lost. */
  #renew(): void {
    if (this.#leases.inUse > 0 || this.#line.length > 0) this.#serve();
    else if (this.#renewal !== null) {
      clearInterval(this.#renewal);
      this.#renewal = null;
    }
  }
}
