/** A signal for one request, that is aborted with the signal of the whole process. */
export interface LinkedSignal extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * Follows `parent` until disposed. `got` leaves its listener on the signal of every stream that succeeded, so a
 * signal that lives as long as the process would keep every answer there ever was.
 */
export function linkedSignal(parent: AbortSignal): LinkedSignal {
  const own = new AbortController();
  const abort = (): void => own.abort(parent.reason);
  if (parent.aborted) abort();
  else parent.addEventListener('abort', abort, { once: true });
  return {
    signal: own.signal,
    [Symbol.dispose]: () => parent.removeEventListener('abort', abort),
  };
}
