import { setTimeout as wait } from 'node:timers/promises';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { FAMILIES, type Family } from './families.ts';
import type { Installation } from './installation.ts';
import { LatencyHistogram } from './latency-histogram.ts';

export interface MetricsOptions {
  version: string;
  /** Rejects while Redis cannot be read. */
  read: () => Promise<Installation>;
  now: () => number;
}

const PREFIX = 'kling_sessions_';
/** Requests within this time share one reading. */
const FRESH_MS = 5_000;
/** A scrape does not wait for a Redis that does not answer. */
const PATIENCE_MS = 2_000;

/**
 * The metrics for Prometheus. Everything but the process's own metrics covers all workers together, as Redis has it.
 * Every process reports the same, so queries use the maximum, and it does not matter which processes are scraped.
 */
export class Metrics {
  readonly #options: MetricsOptions;
  readonly #registry = new Registry();
  readonly #latency = new LatencyHistogram(`${PREFIX}call_duration_seconds`);
  readonly #redisUp: Gauge;
  readonly #families: { family: Family; metric: Counter | Gauge }[];
  #readAtMs = Number.NEGATIVE_INFINITY;
  #reading: Promise<boolean> | null = null;

  constructor(options: MetricsOptions) {
    this.#options = options;
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    const help =
      'Whether Redis could be read; while it is 0, the other values are the last known ones.';
    this.#redisUp = new Gauge({ name: `${PREFIX}redis_up`, help, registers });
    new Gauge({
      name: `${PREFIX}build_info`,
      help: 'Always 1.',
      labelNames: ['version', 'node'],
      registers,
    }).set({ version: options.version, node: process.version }, 1);
    this.#families = Object.entries(FAMILIES).map(([name, family]) => {
      const Kind = family.kind === 'counter' ? Counter : Gauge;
      const described = { name: PREFIX + name, help: family.help, labelNames: [...family.labels] };
      return { family, metric: new Kind({ ...described, registers }) };
    });
    this.#registry.registerMetric(this.#latency.asMetric());
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The text of a scrape, even when Redis is away. */
  async collect(): Promise<string> {
    this.#redisUp.set((await this.#refresh()) ? 1 : 0);
    return await this.#registry.metrics();
  }

  /** Whether the values are current. */
  async #refresh(): Promise<boolean> {
    if (this.#options.now() - this.#readAtMs < FRESH_MS) return true;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
    });
    return await within(PATIENCE_MS, this.#reading);
  }

  async #read(): Promise<boolean> {
    try {
      this.#show(await this.#options.read());
      this.#readAtMs = this.#options.now();
      return true;
    } catch {
      return false;
    }
  }

  #show(installation: Installation): void {
    this.#latency.set(installation.totals);
    for (const { family, metric } of this.#families) {
      // Redis counts the totals of all workers, so a counter is set here each time.
      metric.reset();
      for (const [labels, value] of family.samples(installation)) metric.inc(labels, value);
    }
  }
}

async function within(timeMs: number, reading: Promise<boolean>): Promise<boolean> {
  const time = new AbortController();
  const tooLate = wait(timeMs, false, { signal: time.signal }).catch(() => false);
  try {
    return await Promise.race([reading, tooLate]);
  } finally {
    time.abort();
  }
}
