import { onAbort } from './on-abort.ts';

/** An exchange exceeded its deadline. The code is the one that operating systems use. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';
  readonly code = 'ETIMEDOUT';

  constructor(timeoutMs: number) {
    super(`not finished within ${Math.round(timeoutMs) / 1_000} s`);
  }
}

export interface DeadlineOptions {
  /** Time limit of all the work, in ms. */
  timeoutMs: number;
  /** Ends the work early. */
  signal: AbortSignal;
  /** The error when the time is over. Default `DeadlineExceeded`. */
  late?: () => Error;
  /** How long aborted work may take to clean up and settle by itself, in ms. Default 1 s. */
  settleMs?: number;
}

const SETTLE_MS = 1_000;

/** Says how running work is stopped early. A second way replaces the first. */
export type OnStop = (stop: (reason: unknown) => void) => void;

/**
 * Runs `work` and settles as it does, but at most `settleMs` after its deadline or after `signal` aborts, whatever
 * the libraries below do: some answers leave an HTTP library waiting without any event. `work` gets a signal that
 * aborts in both cases. Rejects then with `late()` or the signal's reason, unless `work` still resolves.
 */
export async function withinDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: DeadlineOptions,
): Promise<T> {
  return await stoppedAtDeadline(async (onStop) => {
    const controller = new AbortController();
    onStop((reason) => controller.abort(reason));
    return await work(controller.signal);
  }, options);
}

/** The same for work that needs no signal: making one costs as much as the rest of a short exchange. */
export async function stoppedAtDeadline<T>(
  work: (onStop: OnStop) => Promise<T>,
  options: DeadlineOptions,
): Promise<T> {
  const { timeoutMs, signal, settleMs = SETTLE_MS } = options;
  signal.throwIfAborted();
  let stopped: { reason: unknown } | null = null;
  let stopWork: (reason: unknown) => void = () => undefined;
  let settling: NodeJS.Timeout | undefined;
  let giveUp: (reason: unknown) => void = () => undefined;
  const overdue = new Promise<never>((_resolve, reject) => {
    giveUp = reject;
  });
  const stop = (reason: unknown): void => {
    if (stopped !== null) return;
    stopped = { reason };
    settling = setTimeout(() => giveUp(reason), settleMs);
    stopWork(reason);
  };
  const late = (): Error => options.late?.() ?? new DeadlineExceeded(timeoutMs);
  const timer = setTimeout(() => stop(late()), timeoutMs);
  const stopListening = onAbort(signal, () => stop(signal.reason));
  const onStop: OnStop = (stopIt) => {
    stopWork = stopIt;
  };
  try {
    return await Promise.race([work(onStop), overdue]);
  } catch (error) {
    throw stopped === null ? error : (stopped as { reason: unknown }).reason;
  } finally {
    clearTimeout(timer);
    clearTimeout(settling);
    stopListening();
  }
}
