import { onAbort } from '../../lib/network/on-abort.ts';
import { translateError } from '../errors/errors.ts';

/** A signal that is never aborted, for calls without one. */
export const neverAborted = (): AbortSignal => new AbortController().signal;

/**
 * Runs one call of the library: its errors become the library's own, and once `signal` is aborted it rejects with the
 * signal's reason. Commands that were already sent to Redis still take effect.
 */
export async function abortable<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  let forget = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    if (signal !== undefined) forget = onAbort(signal, () => reject(signal.reason));
  });
  try {
    return await Promise.race([work(), aborted]);
  } catch (error) {
    signal?.throwIfAborted();
    throw translateError(error);
  } finally {
    forget();
  }
}

/** The same for generators: they throw the signal's reason once it is aborted. */
export async function* abortableValues<T>(
  signal: AbortSignal | undefined,
  values: AsyncIterable<T>,
): AsyncGenerator<T, void, void> {
  signal?.throwIfAborted();
  try {
    for await (const value of values) {
      signal?.throwIfAborted();
      yield value;
    }
    signal?.throwIfAborted();
  } catch (error) {
    signal?.throwIfAborted();
    throw translateError(error);
  }
}
