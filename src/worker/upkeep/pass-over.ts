import type { Logger } from 'pino';
import { isRedisTrouble } from '../../lib/redis/trouble.ts';
import { logOnce } from './log-once.ts';

/**
 * Runs an action on one of many batches. An error is logged once and must not stop the others. Trouble with Redis,
 * which concerns all of them, is thrown.
 */
export async function passOver(
  log: Logger,
  batchId: string,
  act: () => Promise<void>,
): Promise<'done' | 'passed_over'> {
  try {
    await act();
    return 'done';
  } catch (error) {
    if (isRedisTrouble(error)) throw error;
    logOnce(log, `${batchId} ${String(error)}`, () =>
      log.error({ err: error, batch: batchId }, 'batch passed over'),
    );
    return 'passed_over';
  }
}
