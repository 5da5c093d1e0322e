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

/**
 * Runs `work` and settles as it does, but at most `settleMs` after its deadline or after `signal` aborts, whatever
 * the libraries below do: some answers leave an HTTP library waiting without any event. `work` gets a signal that
 * aborts in both cases. Rejects then with `late()` or the signal's reason, unless `work` still resolves.
 */
export async function withinDeadline<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: DeadlineOptions,
): Promise<T> {
  const { timeoutMs, signal, settleMs = SETTLE_MS } = options;
  const late = options.late ?? (() => new DeadlineExceeded(timeoutMs));
  signal.throwIfAborted();
  const controller = new AbortController();
  let settling: NodeJS.Timeout | undefined;
  let giveUp: (reason: unknown) => void = () => undefined;
  const overdue = new Promise<never>((_resolve, reject) => {
    giveUp = reject;
  });
  const stop = (reason: unknown): void => {
    if (controller.signal.aborted) return;
    controller.abort(reason);
    settling = setTimeout(() => giveUp(reason), settleMs);
  };
  const onAbort = (): void => stop(signal.reason);
  const timer = setTimeout(() => stop(late()), timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(controller.signal), overdue]);
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    clearTimeout(timer);
    clearTimeout(settling);
    signal.removeEventListener('abort', onAbort);
  }
}
