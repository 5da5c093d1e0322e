import type { GateLimits } from '../../lib/core/gate/gate.ts';
import { readInstallation } from '../../lib/metrics/installation.ts';
import { Metrics } from '../../lib/metrics/metrics.ts';
import { listWorkers } from '../../lib/store/redis/worker-registry.ts';
import type { Stores } from '../../library/wiring/stores.ts';
import { readVersion } from '../process/version.ts';

/** The metrics of this process. `ownLimits` apply as long as there is no worker. */
export function openMetrics(stores: Stores, ownLimits: GateLimits): Metrics {
  const { redis, keys } = stores;
  const sources = {
    ...stores,
    ownLimits,
    now: Date.now,
    listWorkers: () => listWorkers(redis, keys),
  };
  return new Metrics({
    version: readVersion(),
    read: () => readInstallation(sources),
    now: Date.now,
  });
}
