/** The listeners that share one place at a signal. */
class SharedListener {
  readonly #signal: AbortSignal;
  readonly #listeners = new Set<{ call: () => void }>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#callAll, { once: true });
  }

  add(call: () => void): () => void {
    const listener = { call };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0 || shared.get(this.#signal) !== this) return;
      shared.delete(this.#signal);
      this.#signal.removeEventListener('abort', this.#callAll);
    };
  }

  readonly #callAll = (): void => {
    for (const { call } of this.#listeners) call();
  };
}

const shared = new WeakMap<AbortSignal, SharedListener>();

/**
 * Calls `listener` once when `signal` aborts; never for a signal that has aborted before. Returns the function that
 * stops it, which may run twice. A signal compares each new listener with all others, so hundreds of waiting calls
 * share one.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  let place = shared.get(signal);
  if (place === undefined) {
    place = new SharedListener(signal);
    shared.set(signal, place);
  }
  return place.add(listener);
}
