import { type GateLimits, type GatePolicy, strictest } from '../../lib/core/gate/gate.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import type { WorkerInfo } from '../../lib/store/redis/worker-registry.ts';

/** The limits that the settings ask for. */
type LimitSettings = Pick<Settings, 'API_CONCURRENCY' | 'API_RATE_PER_SECOND' | 'SESSIONS_PER_DAY'>;

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

/** The limits that the workers were started with. Without workers, those that one with these settings would have. */
export const limitsOfWorkers = (
  workers: readonly WorkerInfo[],
  settings: LimitSettings,
): GateLimits => strictest(workers.map(({ limits }) => limits)) ?? limitsOf(settings);
