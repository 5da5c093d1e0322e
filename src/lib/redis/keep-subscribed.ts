import type { Redis } from 'ioredis';
import { explainRefusedWrite, isMissingRight } from './trouble.ts';

const RETRY_MS = 5_000;

/**
 * Subscribes to channels, again after each reconnection, and again every 5 s while Redis refuses it. Rejects if the
 * first attempt fails, unless Redis is full: since 8.6 it then refuses subscriptions, too, and commands that free
 * memory must work all the same. `subscriber` must not subscribe again by itself (`autoResubscribe`): if Redis refuses
 * that, ioredis leaves the rejection unhandled, and it ends the whole process.
 *
 * `onRight` is called after each attempt that Redis answered: with its error if this user may not use the channels.
 */
export async function keepSubscribed(
  subscriber: Redis,
  channels: readonly string[],
  onRight: (missing: Error | null) => void,
): Promise<void> {
  let retry: NodeJS.Timeout | undefined;
  const subscribe = async (): Promise<void> => {
    clearTimeout(retry);
    await subscriber.subscribe(...channels);
    onRight(null);
  };
  const tryLater = (error: unknown): void => {
    clearTimeout(retry);
    if (error instanceof Error && isMissingRight(error)) onRight(error);
    if (subscriber.status !== 'end') retry = setTimeout(subscribeAgain, RETRY_MS).unref();
  };
  const subscribeAgain = (): void => void subscribe().catch(tryLater);
  subscriber.on('ready', subscribeAgain);
  try {
    await subscribe();
  } catch (error) {
    if (explainRefusedWrite(error) === null) throw error;
    tryLater(error);
  }
}
