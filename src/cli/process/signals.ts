import { spawn } from 'node:child_process';
import { setMaxListeners } from 'node:events';
import { EXIT } from './exit.ts';

/** The stages of shutting down. */
export interface StopSignals extends Disposable {
  /** First signal: take no new rows, finish the current ones. */
  stopping: AbortSignal;
  /** Second signal, or the grace period is over: return the current rows. */
  halting: AbortSignal;
  /** Second signal, or 4 s after `halting`: leave out what can be done later, such as a report. */
  leaving: AbortSignal;
  /** Like a first signal, without `onStop`. */
  stop(): void;
}

/**
 * How long returning rows may take after `halting`, in ms: 3 s for what waits for Redis (`WorkerProcess`), and 2 s to
 * close the rest.
 */
const LEAVING_MS = 5_000;
const LAST_WORK_MS = 4_000;

/**
 * Listens for SIGTERM and SIGINT until disposed. `onStop` gets the name of the first signal. The process ends with
 * code 130 at the latest 5 s after `halting`, even if something is still waiting.
 */
export function listenForStop(
  graceMs: number,
  onStop: (signal: NodeJS.Signals) => void = () => undefined,
): StopSignals {
  const stop = new AbortController();
  const halt = new AbortController();
  const leave = new AbortController();
  // Every row under way listens to both signals.
  setMaxListeners(0, stop.signal, halt.signal);
  let grace: NodeJS.Timeout | undefined;
  let lastWork: NodeJS.Timeout | undefined;
  const startHalting = (): void => {
    if (halt.signal.aborted) return;
    halt.abort();
    clearTimeout(grace);
    lastWork = setTimeout(() => leave.abort(), LAST_WORK_MS);
    // Not unreferenced: a process with nothing left in the event loop would end as a failure.
    grace = setTimeout(endProcess, LEAVING_MS);
  };
  const startStopping = (): void => {
    if (stop.signal.aborted) return;
    stop.abort();
    grace = setTimeout(startHalting, graceMs);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stop.signal.aborted) {
      leave.abort();
      startHalting();
      return;
    }
    onStop(signal);
    startStopping();
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return {
    stopping: stop.signal,
    halting: halt.signal,
    leaving: leave.signal,
    stop: startStopping,
    [Symbol.dispose]: () => {
      clearTimeout(grace);
      clearTimeout(lastWork);
      // Anything left behind must not keep the process alive either.
      if (stop.signal.aborted) setTimeout(endProcess, LEAVING_MS).unref();
      process.off('SIGTERM', onSignal);
      process.off('SIGINT', onSignal);
    },
  };
}

/** Kills this process if it still runs after 2 s. Does nothing once its standard input has ended. */
const KILL_PARENT = 'timeout 2 cat >/dev/null || kill -KILL "$PPID"';

/**
 * Ends the process for certain. `process.exit` alone waits for ever while a file operation is stuck in the thread
 * pool, as on a named pipe or an unresponsive file server. So a shell kills the process if needed.
 */
function endProcess(): never {
  spawn('sh', ['-c', KILL_PARENT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true }).on(
    'error',
    () => undefined,
  );
  process.exit(process.exitCode ?? EXIT.interrupted);
}

/** Resolves at once when the signal was already aborted: a process may be stopped while it starts. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/**
 * As the first process of a container, this process would ignore signals without a listener: the kernel does not
 * apply their default action to it.
 */
export function listenAsFirstProcess(): void {
  if (process.pid !== 1) return;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(EXIT.interrupted);
    });
  }
}
