import type { GateLimits, GatePolicy } from '../../lib/core/gate/gate.ts';
import type { DaySources } from '../../lib/gate/read-sessions-left.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { listWorkers } from '../../lib/store/redis/worker-registry.ts';
import type { Stores } from './stores.ts';

/** The limits that the settings ask for. */
export type LimitSettings = Pick<
  Settings,
  'API_CONCURRENCY' | 'API_RATE_PER_SECOND' | 'SESSIONS_PER_DAY'
>;

export const limitsOf = (settings: LimitSettings): GateLimits => ({
  concurrency: settings.API_CONCURRENCY,
  ratePerSecond: settings.API_RATE_PER_SECOND,
  sessionsPerDay: settings.SESSIONS_PER_DAY,
});

export const gatePolicyOf = (settings: Settings): GatePolicy => ({
  ...limitsOf(settings),
  throttlePauseMs: settings.THROTTLE_PAUSE,
  blockedPauseMs: settings.GATE_PAUSE,
  throttleLimitMs: settings.THROTTLE_LIMIT,
});

/** What tells how many sessions of this day are left. */
export const daySourcesOf = (
  { gateStore, overview, redis, keys }: Stores,
  settings: LimitSettings,
): DaySources => ({
  gateStore,
  overview,
  listWorkers: () => listWorkers(redis, keys),
  ownLimits: limitsOf(settings),
});
