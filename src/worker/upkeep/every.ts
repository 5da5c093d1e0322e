import { isRedisTrouble } from '../../lib/redis/trouble.ts';

export interface Repeated extends Disposable {
  /** Resolves when the turn under way, if there is one, has ended. */
  idle(): Promise<void>;
}

/**
 * Does `task` every `ms` milliseconds until disposed, one turn at a time: what is due during a turn is left out. A turn that fails
 * is followed by the next. Trouble of Redis passes, and others tell of it; every other error goes to `onError`. Alone it keeps no
 * process alive.
 */
export function every(
  ms: number,
  task: () => Promise<unknown>,
  { onError, isAtOnce = false }: { onError: (error: unknown) => void; isAtOnce?: boolean },
): Repeated {
  let turn: Promise<void> | null = null;
  const take = async (): Promise<void> => {
    try {
      await task();
    } catch (error) {
      if (!isRedisTrouble(error)) onError(error);
    }
  };
  const takeUnlessBusy = (): void => {
    turn ??= take().finally(() => {
      turn = null;
    });
  };
  const timer = setInterval(takeUnlessBusy, ms).unref();
  if (isAtOnce) takeUnlessBusy();
  return {
    idle: async () => {
      await turn;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
