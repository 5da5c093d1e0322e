import { setMaxListeners } from 'node:events';
import { EXIT } from './exit.ts';

/** The two stages of being told to stop. */
export interface StopSignals extends Disposable {
  /** First signal: take nothing new, finish what runs. */
  stopping: AbortSignal;
  /** Second signal, or the grace period is over: give back what runs. */
  halting: AbortSignal;
}

/** Listens for SIGTERM and SIGINT until disposed. `onStop` is told which came first. */
export function listenForStop(
  graceMs: number,
  onStop: (signal: NodeJS.Signals) => void = () => undefined,
): StopSignals {
  const stop = new AbortController();
  const halt = new AbortController();
  // Every row under way listens to both.
  setMaxListeners(0, stop.signal, halt.signal);
  let grace: NodeJS.Timeout | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stop.signal.aborted) {
      halt.abort();
      return;
    }
    onStop(signal);
    stop.abort();
    grace = setTimeout(() => halt.abort(), graceMs);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return {
    stopping: stop.signal,
    halting: halt.signal,
    [Symbol.dispose]: () => {
      clearTimeout(grace);
      process.off('SIGTERM', onSignal);
      process.off('SIGINT', onSignal);
    },
  };
}

/** Resolves at once when it was aborted before: a process may be told to stop while it starts. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/**
 * As the first process of a container, this one would be deaf to the signals that nobody listens for: elsewhere
 * the system ends a process then.
 */
export function listenAsFirstProcess(): void {
  if (process.pid !== 1) return;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(EXIT.interrupted);
    });
  }
}
