import type { GatePolicy } from '../lib/core/gate.ts';
import type { Settings } from '../lib/settings.ts';

export const gatePolicyOf = (settings: Settings): GatePolicy => ({
  concurrency: settings.API_CONCURRENCY,
  ratePerSecond: settings.API_RATE_PER_SECOND,
  throttlePauseMs: settings.THROTTLE_PAUSE,
  blockedPauseMs: settings.GATE_PAUSE,
  throttleLimitMs: settings.THROTTLE_LIMIT,
});
