import type { Redis } from 'ioredis';
import { z } from 'zod';
import { damagedGate, type Gate, newGate } from '../core/gate/gate.ts';
import { keepSubscribed } from '../redis/keep-subscribed.ts';
import { loadScript } from '../redis/script.ts';
import type { Keys } from '../store/keys.ts';
import { jsonText, storedJson } from '../store/redis/packing/stored-json.ts';
import {
  type GateDecision,
  type GateReading,
  type GateStore,
  LEASE_MS,
  type LeaseRequest,
} from './gate-store.ts';

const LUA = new URL('./lua/', import.meta.url);
const readGate = loadScript(LUA, 'read-gate', { keys: ['gate'], args: [] });
const swapGate = loadScript(LUA, 'swap-gate', {
  keys: ['gate'],
  args: ['expected', 'next', 'channel'],
});
const leaseCalls = loadScript(LUA, 'lease-calls', {
  keys: ['gate', 'leases'],
  args: ['me', 'concurrency', 'leaseMs', 'granted', 'given', 'returned', 'wanted'],
});

/**
 * The record as Redis holds it. Two fields keep their first names, so that workers of two versions can share a gate.
 */
const gateSchema = z.object({
  mode: z.enum(['open', 'closed', 'blocked']),
  sinceMs: z.number(),
  untilMs: z.number().nullable(),
  cause: z
    .object({
      kind: z.enum(['refused', 'throttled', 'account', 'misconfigured', 'server', 'unconfirmed']),
      code: z.string(),
      message: z.string(),
    })
    .nullable(),
  pauseMs: z.number(),
  needsCanary: z.boolean(),
  canaryUntilMs: z.number().nullable(),
  generation: z.number(),
  recentClosingsMs: z.array(z.number()),
  throttledSinceMs: z.number().nullable(),
  failingRows: z.array(z.string()),
  reducedLimit: z.number().nullable(),
  cleanAnswers: z.number(),
  nextCallMs: z.number(),
  openTotalMs: z.number(),
  overrides: z.object({
    concurrency: z.number().nullable(),
    ratePerSecond: z.number().nullable(),
    // Gates stored before this limit existed have none.
    sessionsPerDay: z.number().nullable().default(null),
  }),
});
type StoredGate = z.infer<typeof gateSchema>;

const held = jsonText(z.object({ given: z.number(), returned: z.number(), untilMs: z.number() }));

const readReply = z.tuple([z.string(), z.coerce.number()]);
const leaseReply = z.tuple([z.string(), z.coerce.number(), z.number()]);

interface VersionedReading extends GateReading {
  /** The stored text; '' when there is none yet. */
  version: string;
}

/** The gate as one JSON value in Redis, changed by compare-and-swap. Both connections are the caller's. */
export class RedisGateStore implements GateStore {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #listeners = new Set<() => void>();
  readonly #grantListeners = new Map<string, () => void>();
  readonly #rightListeners = new Set<(missing: Error | null) => void>();

  /** `subscriber` is a separate connection, used only for messages. */
  private constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  static async open(redis: Redis, subscriber: Redis, keys: Keys): Promise<RedisGateStore> {
    const store = new RedisGateStore(redis, keys);
    subscriber.on('message', (channel: string, message: string) => {
      if (channel === keys.callsGranted) store.#grantListeners.get(message)?.();
      if (channel !== keys.gateChanged) return;
      for (const listener of store.#listeners) listener();
    });
    await keepSubscribed(subscriber, [keys.gateChanged, keys.callsGranted], (missing) => {
      for (const listener of store.#rightListeners) listener(missing);
    });
    return store;
  }

  /** Whether this user may hear of changes, as often as Redis says so. */
  onRightToListen(listener: (missing: Error | null) => void): void {
    this.#rightListeners.add(listener);
  }

  async read(): Promise<GateReading> {
    const { gate, nowMs } = await this.#read();
    return { gate, nowMs };
  }

  async update<T>(decide: (reading: GateReading) => GateDecision<T>): Promise<T> {
    for (;;) {
      const { version, ...reading } = await this.#read();
      const { gate, result } = decide(reading);
      if (gate === reading.gate || (await this.#swap(version, reading.gate, gate))) return result;
    }
  }

  async countCalls(): Promise<number> {
    const [[seconds], texts] = await Promise.all([
      this.#redis.time(),
      this.#redis.hvals(this.#keys.leases),
    ]);
    const nowMs = Number(seconds) * 1_000;
    return texts
      .flatMap((text) => held.safeParse(text).data ?? [])
      .filter(({ untilMs }) => untilMs > nowMs)
      .reduce((sum, { given, returned }) => sum + Math.max(0, given - returned), 0);
  }

  async lease(request: LeaseRequest): Promise<GateReading & { given: number }> {
    const { worker, concurrency, given, returned, wanted } = request;
    const reply = await leaseCalls.run(
      this.#redis,
      { gate: this.#keys.gate, leases: this.#keys.leases },
      {
        me: worker,
        concurrency,
        leaseMs: LEASE_MS,
        granted: this.#keys.callsGranted,
        given,
        returned,
        wanted,
      },
    );
    const [text, nowMs, givenInAll] = leaseReply.parse(reply);
    return { gate: parseGate(text, nowMs), nowMs, given: givenInAll };
  }

  async announce(): Promise<void> {
    await this.#redis.publish(this.#keys.gateChanged, '');
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onGrant(worker: string, listener: () => void): () => void {
    this.#grantListeners.set(worker, listener);
    return () => this.#grantListeners.delete(worker);
  }

  async #read(): Promise<VersionedReading> {
    const reply = await readGate.run(this.#redis, { gate: this.#keys.gate });
    const [version, nowMs] = readReply.parse(reply);
    return { gate: parseGate(version, nowMs), nowMs, version };
  }

  async #swap(version: string, before: Gate, after: Gate): Promise<boolean> {
    const channel = isNewsworthy(before, after) ? this.#keys.gateChanged : '';
    const swapped = await swapGate.run(
      this.#redis,
      { gate: this.#keys.gate },
      { expected: version, next: stored.write(toStored(after)), channel },
    );
    return swapped === 1;
  }
}

const stored = storedJson('The gate', gateSchema);

function parseGate(text: string, nowMs: number): Gate {
  if (text === '') return newGate(nowMs);
  const read = stored.tryRead(text);
  return read === null ? damagedGate(nowMs) : fromStored(read);
}

const toStored = ({ needsTrialCall, trialCallUntilMs, ...others }: Gate): StoredGate => ({
  ...others,
  needsCanary: needsTrialCall,
  canaryUntilMs: trialCallUntilMs,
});

const fromStored = ({ needsCanary, canaryUntilMs, ...others }: StoredGate): Gate => ({
  ...others,
  needsTrialCall: needsCanary,
  trialCallUntilMs: canaryUntilMs,
});

/** Pacing and counting do not matter to waiting rows; every other change does. */
function isNewsworthy(before: Gate, after: Gate): boolean {
  return (
    before.mode !== after.mode ||
    before.untilMs !== after.untilMs ||
    before.trialCallUntilMs !== after.trialCallUntilMs ||
    before.reducedLimit !== after.reducedLimit ||
    before.overrides !== after.overrides
  );
}
