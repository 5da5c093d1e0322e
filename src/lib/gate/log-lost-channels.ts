import type { Logger } from 'pino';
import type { RedisGateStore } from './redis-gate-store.ts';

/**
 * Logs once that Redis refuses the channels to this process, and once that it no longer does. The process continues
 * without them, and reads the gate every few seconds anyway.
 */
export function logLostChannels(gateStore: RedisGateStore, log: Logger): void {
  let isMissing = false;
  gateStore.onRightToListen((missing) => {
    if (isMissing === (missing !== null)) return;
    isMissing = missing !== null;
    if (isMissing) log.error({ err: missing }, 'redis refuses its channels, continuing without');
    else log.info('redis allows its channels again');
  });
}
