import { setTimeout as wait } from 'node:timers/promises';
import { isRedisTrouble } from '../../lib/redis/trouble.ts';
import type { WorkerContext } from '../worker-context.ts';

const RETRY_MS = 1_000;

/**
 * Stores what this worker knows, and keeps trying while Redis is in trouble: an answer of the API that is
 * dropped here is a session paid for and lost. Gives up, with Redis' error, only when told to halt.
 */
export async function persist<T>(
  { halting, log }: Pick<WorkerContext, 'halting' | 'log'>,
  write: () => Promise<T>,
): Promise<T> {
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (!isRedisTrouble(error) || halting.aborted) throw error;
      log.debug({ err: error }, 'redis refused a write, trying again');
      await wait(RETRY_MS, undefined, { signal: halting }).catch(() => undefined);
    }
  }
}
