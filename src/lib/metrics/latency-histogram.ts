import type { Metric } from 'prom-client';
import { type Activity, LATENCY_BOUNDS_MS } from '../core/activity.ts';

interface Sample {
  metricName: string;
  labels: Record<string, string | number>;
  value: number;
}

/** A histogram with counts from Redis: `prom-client` only has one that the serving process fills call by call. */
export class LatencyHistogram {
  readonly name: string;
  readonly help = 'Wall-clock time of calls of the API.';
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  #samples: Sample[] = [];

  constructor(name: string) {
    this.name = name;
  }

  set({ latencies, latencyTotalMs }: Activity): void {
    let count = 0;
    const buckets = latencies.map((inClass, index) => {
      count += inClass;
      const boundMs = LATENCY_BOUNDS_MS[index];
      const le = boundMs === undefined ? '+Inf' : boundMs / 1_000;
      return { metricName: `${this.name}_bucket`, labels: { le }, value: count };
    });
    this.#samples = [
      ...buckets,
      { metricName: `${this.name}_sum`, labels: {}, value: latencyTotalMs / 1_000 },
      { metricName: `${this.name}_count`, labels: {}, value: count },
    ];
  }

  get(): unknown {
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values: this.#samples };
  }

  reset(): void {
    this.#samples = [];
  }

  /** In the form that the registry accepts. */
  asMetric(): Metric {
    return this as unknown as Metric;
  }
}
