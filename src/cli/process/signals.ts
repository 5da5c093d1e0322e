import { spawn } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { EXIT } from './exit.ts';

/** The two stages of being told to stop. */
export interface StopSignals extends Disposable {
  /** First signal: take nothing new, finish what runs. */
  stopping: AbortSignal;
  /** Second signal, or the grace period is over: give back what runs. */
  halting: AbortSignal;
}

/**
 * How long giving back may take after `halting`, in ms: 3 s for what waits for Redis (`WorkerProcess`), and 2 s to close
 * the rest.
 */
const LEAVING_MS = 5_000;

/**
 * Listens for SIGTERM and SIGINT until disposed. `onStop` is told which came first. The process ends at the latest 5 s
 * after `halting`, whatever still waits for something: with code 130.
 */
export function listenForStop(
  graceMs: number,
  onStop: (signal: NodeJS.Signals) => void = () => undefined,
): StopSignals {
  const stop = new AbortController();
  const halt = new AbortController();
  // Every row under way listens to both.
  setMaxListeners(0, stop.signal, halt.signal);
  let grace: NodeJS.Timeout | undefined;
  const startHalting = (): void => {
    if (halt.signal.aborted) return;
    halt.abort();
    clearTimeout(grace);
    // Not unreferenced: a process that waits for nothing the system knows of would end as a failure.
    grace = setTimeout(endProcess, LEAVING_MS);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stop.signal.aborted) {
      startHalting();
      return;
    }
    onStop(signal);
    stop.abort();
    grace = setTimeout(startHalting, graceMs);
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return {
    stopping: stop.signal,
    halting: halt.signal,
    [Symbol.dispose]: () => {
      clearTimeout(grace);
      // What is left behind must not keep the process either.
      if (stop.signal.aborted) setTimeout(endProcess, LEAVING_MS).unref();
      process.off('SIGTERM', onSignal);
      process.off('SIGINT', onSignal);
    },
  };
}

/** Kills this process when it is still there after 2 s; does nothing once its standard input has ended. */
const KILL_PARENT = 'timeout 2 cat >/dev/null || kill -KILL "$PPID"';

/**
 * Ends the process for certain. `process.exit` alone waits for ever while a file operation is stuck in the thread pool, as
 * on a named pipe or a server of files that does not answer; so a shell stands by.
 */
function endProcess(): never {
  spawn('sh', ['-c', KILL_PARENT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true }).on(
    'error',
    () => undefined,
  );
  process.exit(process.exitCode ?? EXIT.interrupted);
}

/** Resolves at once when it was aborted before: a process may be told to stop while it starts. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/**
 * As the first process of a container, this one would be deaf to signals without a listener: elsewhere
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
