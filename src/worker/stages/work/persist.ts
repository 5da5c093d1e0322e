import { setTimeout as wait } from 'node:timers/promises';
import { isRedisTrouble } from '../../../lib/redis/trouble.ts';
import type { WorkerContext } from '../../worker-context.ts';

const RETRY_MS = 1_000;

/**
 * Stores what this worker knows and keeps trying while Redis is in trouble: an answer that is dropped here is a
 * session that was paid for and lost. Gives up with the error of Redis only when `halting` is aborted.
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
