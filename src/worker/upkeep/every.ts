import { isRedisTrouble } from '../../lib/redis/trouble.ts';

export interface Repeated extends Disposable {
  /** Resolves when the current turn, if any, has ended. */
  idle(): Promise<void>;
  /** Begins a turn now, unless one is under way. */
  wake(): void;
}

/**
 * Runs `task` every `ms` milliseconds until disposed, one turn at a time; turns that fall due during another one are
 * skipped. A failed turn is followed by the next. Trouble with Redis passes and is reported elsewhere; every other
 * error goes to `onError`. The timer does not keep the process alive.
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
    wake: takeUnlessBusy,
    idle: async () => {
      await turn;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
